/** Runs `@OnConnect` and `@OnDisconnect`. */
import { AsyncResource } from 'node:async_hooks';
import { isObservable, lastValueFrom } from 'rxjs';
import type { CloseDetails, GatewaySession } from '../../session/index.js';
import { CONNECT_PATTERN, DISCONNECT_PATTERN, type PipelineArguments } from '../pipeline/arguments.js';
import { bindSource } from '../pipeline/bind-source.js';
import { type PipelineContext, compileFilters } from '../pipeline/compile-handler.js';
import { enhance } from '../pipeline/context-creator.js';
import { copyMetadata } from '../pipeline/copy-metadata.js';
import { type Enhancers, findEnhancers } from '../pipeline/enhancers.js';
import type { HandlerSource } from '../pipeline/handler-source.js';
import { enter } from '../pipeline/message-context.js';
import { plainArguments } from '../pipeline/params.js';
import { RefusedError, toRefusedError } from './refusal.js';

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
  const asked = { ...enhancers, interceptors: isMethod && enhancers.interceptors };
  const methodOf = forInstances(source, (bound) => compileMethod(bound, asked, context));
  const filtersOf = forInstances(source, (bound) =>
    enhancers.filters ? compileFilters(bound, context) : undefined,
  );
  const connect: Connect = async (session) => {
    let bound = source;
    try {
      if (source.instances) bound = await bindSource(source, session);
      await methodOf(bound)(session, undefined, {}, CONNECT_PATTERN);
    } catch (error) {
      throw await toRefusedError(error, session, filtersOf(bound));
    }
  };
  return async (session) => {
    try {
      await enter(context.around, session, CONNECT_PATTERN, () => connect(session));
    } catch (error) {
      throw error instanceof RefusedError ? error : await toRefusedError(error, session, undefined);
    }
  };
}

/**
 * Asks the guards about a client that comes back to its session; the method has run already.
 * @returns undefined when there are none
 */
export function compileReadmit(source: HandlerSource, context: PipelineContext): Connect | undefined {
  const method = copyMetadata(source.method, () => undefined);
  return compileConnect({ ...source, method }, false, context);
}

export function compileDisconnect(source: HandlerSource, context: PipelineContext): Disconnect {
  const enhancers = { ...findEnhancers(source, context.config), guards: false, interceptors: false };
  const methodOf = forInstances(source, (bound) => compileMethod(bound, enhancers, context));
  // a session may end within somebody else's AsyncLocalStorage: in a shared timer, by another client's message
  const ownScope = new AsyncResource('nestwire:disconnect');
  const disconnect: Disconnect = async (session, details) => {
    const bound = source.instances ? await bindSource(source, session) : source;
    return methodOf(bound)(session, details, {}, DISCONNECT_PATTERN);
  };
  return async (session, details) =>
    ownScope.runInAsyncScope(() =>
      enter(context.around, session, DISCONNECT_PATTERN, () => disconnect(session, details)),
    );
}

/** Compiles once for a singleton, and anew for each instance of others. */
function forInstances<T>(
  source: HandlerSource,
  compile: (bound: HandlerSource) => T,
): (bound: HandlerSource) => T {
  const compiled = compile(source);
  return (bound) => (bound === source ? compiled : compile(bound));
}

type RunMethod = (...args: PipelineArguments) => Promise<void>;

function compileMethod(source: HandlerSource, enhancers: Enhancers, { creator }: PipelineContext): RunMethod {
  const argumentsOf = plainArguments(source);
  const { guards, pipes, interceptors } = enhancers;
  if (!argumentsOf || guards || pipes || interceptors) {
    const steps = { guards, interceptors, filters: false, pass: 'arguments' } as const;
    const method = enhance(creator, source, source.method, steps);
    return async (...args) => completed(await method(...args));
  }
  const { instance, method } = source;
  return async (session, data, _call, pattern) =>
    completed(await method.apply(instance, argumentsOf(session, data, pattern)));
}

async function completed(result: unknown): Promise<void> {
  if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
}
