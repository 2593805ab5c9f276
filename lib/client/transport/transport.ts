/**
 * The port between the client and what carries its messages. A transport lives for one connection; it is
 * opened with a ticket and tells what happens to `ClientTransportEvents`.
 */

import type { Encoded } from '../../protocol/codec/index.js';
import type { ClientCodec } from '../codec/client-codec.js';
import type { ServerMessage } from '../open-requests.js';

/** How a client's messages travel, in the words of `GatewaySession.transport`. */
export type TransportKind = 'websocket' | 'event-stream' | 'long-polling' | 'short-polling';

/** What one attempt to connect goes out with. */
export interface Ticket {
  readonly url: URL;
  /** The same for a second request that guards decide about, where each needs another. */
  readonly nextUrl?: (() => Promise<URL>) | undefined;
  /** Tokens of the protocol, as the client prefers them. */
  readonly subprotocols: readonly string[];
  readonly codec: ClientCodec;
  /** `new`, `<id>.<secret>` of the session to resume, or undefined for a plain one. */
  readonly session: string | undefined;
  /** Whether the server said that this session is gone. */
  readonly isLost: boolean;
  /** Where the client was in the channels of the lost session. */
  readonly cursors: Readonly<Record<string, string>> | undefined;
  /** A bearer token. */
  readonly token: string | undefined;
}

/** How a connection ended, or why there is none. */
export interface Ending {
  /** A close code; 1006 when the connection broke off or never came to be. */
  readonly code: number;
  readonly reason: string;
  /** How long the server wants the client to stay away. */
  readonly retryMs: number;
  /** The HTTP status of a refusal, where it can be seen. */
  readonly status?: number | undefined;
}

/** The connection broke off, or never came to be. */
export const brokenOff = (reason: string, more: Partial<Ending> = {}): Ending => ({
  code: 1006,
  reason,
  retryMs: 0,
  ...more,
});

export interface ClientTransport {
  readonly kind: TransportKind;
  /** Sends a whole message behind those before it. After the end it does nothing. */
  send(message: Encoded): void;
  /** Ends the connection in order; `closed` follows. */
  close(code: number, reason: string): void;
  /** Lets go of it at once. Nothing is told any more. */
  abandon(): void;
}

/** Called in order, never before `open` has returned, never after `closed`. */
export interface ClientTransportEvents {
  opened(): void;
  message(message: ServerMessage): void;
  closed(ending: Ending): void;
}

export type OpenTransport = (ticket: Ticket, events: ClientTransportEvents) => ClientTransport;
