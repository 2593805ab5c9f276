/**
 * The arguments that enhancers see, and what parameter decorators take out of them. Nest expects the client
 * first, the data second, the pattern last.
 */
import type { ExecutionContext } from '@nestjs/common';
import type { GatewaySession } from '../../session/index.js';

/** One call's own notes: `getArgs()[2]`, of no meaning to applications. */
export interface Call {
  /** Called when the handler itself, not an interceptor, answered with a stream. */
  onStream?: () => void;
  /** What the filters are asked about. */
  readonly error?: unknown;
  /** For a method with `@Signal()`. */
  readonly signal?: AbortSignal | undefined;
}

/** What `@Signal()` gives; known by this function. */
export const signalOf = (_: unknown, context: ExecutionContext): AbortSignal | undefined =>
  context.getArgByIndex<Call | undefined>(2)?.signal;

export type PipelineArguments = [session: GatewaySession, data: unknown, call: Call, pattern: string];

/**
 * Nest's numbers for parameter decorators: RouteParamtypes, which WsParamtype shares where they meet. That of
 * the event is our own, far from theirs.
 */
export const ParamType = {
  request: 0,
  body: 3,
  query: 4,
  param: 5,
  headers: 6,
  ip: 11,
  event: 7001,
} as const;

/** Under these names guards and filters see what is no message. */
export const CONNECT_PATTERN = 'nestwire:connect';
export const DISCONNECT_PATTERN = 'nestwire:disconnect';

/** The value of a parameter decorator; undefined for those that only make sense with an HTTP response. */
export function extractParam(
  type: number,
  field: string | undefined,
  session: GatewaySession,
  data: unknown,
  pattern: string,
): unknown {
  switch (type) {
    case ParamType.request:
      return session;
    case ParamType.body:
      return fieldOf(data, field);
    case ParamType.query:
      return fieldOf(session.query, field);
    case ParamType.param:
      return fieldOf(session.params, field);
    case ParamType.headers:
      return fieldOf(session.headers, field?.toLowerCase());
    case ParamType.ip:
      return session.remoteAddress;
    case ParamType.event:
      return pattern;
    default:
      return undefined;
  }
}

function fieldOf(data: unknown, field: string | undefined): unknown {
  if (field === undefined) return data;
  return typeof data === 'object' && data !== null && Object.hasOwn(data, field)
    ? (data as Record<string, unknown>)[field]
    : undefined;
}
