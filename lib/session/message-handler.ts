/** The port between a session and what runs for its messages. Implemented by the pipeline of `lib/nest`. */
import type { Codec } from '../protocol/codec/index.js';
import type { ExceptionData } from '../protocol/envelope/index.js';
import type { CloseDetails } from './close-details.js';
import type { Deadlines } from './deadlines.js';
import type { GatewaySession } from './gateway-session.js';
import type { Limits } from './limits.js';
import type { Membership } from './membership.js';
import type { Overflow } from './overflow.js';

export interface MessageHandler {
  /** For the streams it answers with. */
  readonly overflow: Overflow;
  /** Whether `run` is to get a signal; others are not charged for one. Default false. */
  readonly usesSignal?: boolean;
  /** The result: a value, a Promise, an Observable, an AsyncIterable or nothing. May throw. */
  run(session: GatewaySession, data: unknown, event: string, signal?: AbortSignal): unknown;
  /** What the client is told when `run`, or the stream that it returned, failed. Never throws or rejects. */
  explain(
    error: unknown,
    session: GatewaySession,
    data: unknown,
    event: string,
  ): ExceptionData | Promise<ExceptionData>;
}

/** What all sessions of a gateway have in common. */
export interface SessionHost {
  readonly limits: Limits;
  readonly membership: Membership;
  /** What the messages of its sessions are on the wire. */
  readonly codec: Codec;
  /** Messages of one session that run at a time. */
  readonly concurrency: number;
  /** The time limit of requests; undefined for none. */
  readonly deadlines: Deadlines | undefined;
  /** Milliseconds on a clock that never jumps. */
  readonly now: () => number;
  /** Throws for what must not be pushed; undefined: everything may. */
  readonly checkPush: ((event: string, data: unknown) => void) | undefined;
  /** An id for a session, when it is first asked for. Default: one that is unique. */
  identify?(session: GatewaySession): string;
  findHandler(event: string): MessageHandler | undefined;
  /** For tracing: the wildcard under which `findHandler` finds it; undefined where it is found by itself. */
  readonly patternOf?: (event: string) => string | undefined;
  /** The same for events of the library's own, which wait for no slot: a new token must not come too late. */
  findControl?(event: string): MessageHandler | undefined;
  /** The session has ended; called once. */
  ended(session: GatewaySession, details: CloseDetails): void;
  /** Something of the application's failed where nobody can be told. */
  report(error: unknown, what: string): void;
}
