/** Runs `@OnConnect` and `@OnDisconnect`. */
import { isObservable, lastValueFrom } from 'rxjs';
import type { CloseDetails, GatewaySession } from '../../session/index.js';
import { CONNECT_PATTERN, DISCONNECT_PATTERN, type PipelineArguments } from '../pipeline/arguments.js';
import { type PipelineContext, compileFilters } from '../pipeline/compile-handler.js';
import { enhance } from '../pipeline/context-creator.js';
import { type Enhancers, findEnhancers } from '../pipeline/enhancers.js';
import type { AskFilters } from '../pipeline/explain.js';
import type { HandlerSource } from '../pipeline/handler-source.js';
import { plainArguments } from '../pipeline/params.js';
import { toRefusedError } from './refusal.js';

export type Connect = (session: GatewaySession) => Promise<void>;
export type Disconnect = (session: GatewaySession, details: CloseDetails) => Promise<void>;

/** @returns undefined when there is nothing to ask: no guard, and no method */
export function compileConnect(
  source: HandlerSource,
  isMethod: boolean,
  context: PipelineContext,
): Connect | undefined {
  const enhancers = findEnhancers(source, context.config);
  if (!isMethod && !enhancers.guards) return undefined;
  const method = compileMethod(
    source,
    { ...enhancers, interceptors: isMethod && enhancers.interceptors },
    context,
  );
  const filters: AskFilters | undefined = enhancers.filters ? compileFilters(source, context) : undefined;
  return async (session) => {
    try {
      await completed(method(session, undefined, {}, CONNECT_PATTERN));
    } catch (error) {
      throw await toRefusedError(error, session, filters);
    }
  };
}

export function compileDisconnect(source: HandlerSource, context: PipelineContext): Disconnect {
  const enhancers = { ...findEnhancers(source, context.config), guards: false, interceptors: false };
  const method = compileMethod(source, enhancers, context);
  return async (session, details) => completed(method(session, details, {}, DISCONNECT_PATTERN));
}

function compileMethod(
  source: HandlerSource,
  enhancers: Enhancers,
  { creator }: PipelineContext,
): (...args: PipelineArguments) => unknown {
  const argumentsOf = plainArguments(source);
  const { guards, pipes, interceptors } = enhancers;
  if (!argumentsOf || guards || pipes || interceptors) {
    return enhance(creator, source, source.method, {
      guards,
      interceptors,
      filters: false,
      pass: 'arguments',
    });
  }
  const { instance, method } = source;
  return (session, data, _call, pattern) => method.apply(instance, argumentsOf(session, data, pattern));
}

async function completed(running: unknown): Promise<void> {
  const result = await running;
  if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
}
