/** Makes a method of a gateway into something a session can run: with as little around it as it needs. */
import type { ApplicationConfig, ExternalContextCreator, ModuleRef } from '@nestjs/core';
import { isObservable } from 'rxjs';
import { validatePayload } from '../../protocol/validate-payload.js';
import type { ExceptionData } from '../../protocol/envelope/index.js';
import type { GatewaySession, MessageHandler, Overflow } from '../../session/index.js';
import type { Call } from './arguments.js';
import { type EnhancedMethod, enhance } from './context-creator.js';
import { ContextualHandler } from './contextual-handler.js';
import { copyMetadata } from './copy-metadata.js';
import { type Enhancers, findEnhancers } from './enhancers.js';
import { type AskFilters, explain, explainByFilters } from './explain.js';
import { filterClient } from './filter-client.js';
import type { HandlerSource } from './handler-source.js';
import { noteStreams, readIntercepted } from './intercepted.js';
import type { MessageContext } from './message-context.js';
import { timed } from './timed.js';
import { hasSignal, plainArguments } from './params.js';

/** What compiling needs of the application. */
export interface PipelineContext {
  readonly creator: ExternalContextCreator;
  readonly config: ApplicationConfig | undefined;
  readonly moduleRef: ModuleRef;
  /** What the application wants around each message. */
  readonly around: MessageContext | undefined;
}

export function compileHandler(
  source: HandlerSource,
  overflow: Overflow,
  context: PipelineContext,
): MessageHandler {
  const enhancers = findEnhancers(source, context.config);
  const compile = (bound: HandlerSource): MessageHandler =>
    new CompiledHandler(bound, enhancers, overflow, context);
  if (!source.instances && !context.around) return compile(source);
  return new ContextualHandler(source, compile, context.around);
}

type Run = MessageHandler['run'];

class CompiledHandler implements MessageHandler {
  readonly run: Run;
  readonly usesSignal: boolean;
  private filters: AskFilters | undefined;

  constructor(
    private readonly source: HandlerSource,
    private readonly enhancers: Enhancers,
    readonly overflow: Overflow,
    private readonly context: PipelineContext,
  ) {
    this.usesSignal = hasSignal(source);
    const run = compileDirect(source, enhancers) ?? compileEnhanced(source, enhancers, context);
    this.run = timed(`${source.metatype.name}.${source.methodName}`, run);
  }

  explain(
    error: unknown,
    session: GatewaySession,
    data: unknown,
    event: string,
  ): ExceptionData | Promise<ExceptionData> {
    if (!this.enhancers.filters) return explain(error, event, session.id);
    this.filters ??= compileFilters(this.source, this.context);
    return explainByFilters(this.filters, error, session, data, event);
  }
}

/**
 * Nest's pipeline costs more than the rest of a message together, even when nothing is in it: a method
 * without guards, pipes and interceptors is called as it is. Undefined for the others.
 */
function compileDirect(source: HandlerSource, enhancers: Enhancers): Run | undefined {
  const argumentsOf = plainArguments(source);
  if (enhancers.guards || enhancers.pipes || enhancers.interceptors || !argumentsOf) return undefined;
  const { instance, method, schema } = source;
  const call = (session: GatewaySession, data: unknown, event: string): unknown =>
    method.apply(instance, argumentsOf(session, data, event));
  if (!schema) return call;
  return (session, data, event) => {
    const valid = validatePayload(event, schema, data);
    return valid instanceof Promise
      ? valid.then((payload) => call(session, payload, event))
      : call(session, valid, event);
  };
}

function compileEnhanced(source: HandlerSource, enhancers: Enhancers, { creator }: PipelineContext): Run {
  const steps = { guards: enhancers.guards, interceptors: enhancers.interceptors, filters: false };
  if (!enhancers.interceptors) {
    const method = enhance(creator, source, source.method, { ...steps, pass: 'arguments' });
    return (session, data, event, signal) => method(session, data, signal ? { signal } : NO_CALL, event);
  }
  const callback = copyMetadata(source.method, noteStreams(source.method));
  return runIntercepted(enhance(creator, source, callback, { ...steps, pass: 'arguments-and-call' }));
}

const NO_CALL: Call = Object.freeze({});

function runIntercepted(method: EnhancedMethod): Run {
  return async (session, data, event, signal) => {
    const call: Call = { signal };
    const result = await method(session, data, call, event);
    return isObservable(result) ? readIntercepted(result, call) : result;
  };
}

/**
 * The filters alone, asked when something was thrown. They are apart from the rest since an error in the
 * middle of a stream has to get to them too, and since within the pipeline a filter that answers would make
 * a refused client look accepted.
 */
export function compileFilters(source: HandlerSource, { creator }: PipelineContext): AskFilters {
  const rethrow = copyMetadata(source.method, (call: unknown) => {
    throw (call as Call).error;
  });
  const ask = enhance(creator, source, rethrow, {
    guards: false,
    interceptors: false,
    filters: true,
    pass: 'call',
  });
  return async (error, session, data, pattern) => {
    let emitted: object | undefined;
    const client = filterClient(session, (exception) => (emitted = exception));
    try {
      const answer = await ask(client, data, { error }, pattern);
      return emitted ?? answer;
    } catch (thrown) {
      // a filter that returns nothing has not minded, as far as Nest knows
      if (emitted && thrown === error) return emitted;
      throw thrown;
    }
  };
}
