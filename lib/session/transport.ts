/**
 * The port between a session and whatever carries its messages. A transport implements
 * `SessionTransport`, a session implements `TransportEvents`; neither knows more of the other.
 */
import type { PreparedMessage } from './prepared-message.js';

/** A message for this client alone (a string travels as text, bytes as binary), or one that others get too. */
export type Outgoing = string | Uint8Array | PreparedMessage;

/** How a session's messages travel. Names are public: `GatewaySession.transport`. */
export type TransportKind = 'websocket' | 'event-stream' | 'long-polling' | 'short-polling';

/** The way out. Nothing that a peer or the network does is thrown; after the end each method does nothing. */
export interface SessionTransport {
  readonly kind: TransportKind;
  /**
   * Bytes given to `send` that the kernel has not taken yet: what this client makes us hold. Without those that
   * are about to leave, by a poll that waits for them.
   */
  readonly queuedBytes: number;
  /** Sends one whole message, after everything sent before it. */
  send(message: Outgoing): void;
  /** Stops reading, so that back-pressure reaches the peer. Messages already read may still be delivered. */
  pause(): void;
  resume(): void;
  /**
   * Starts the closing handshake; `TransportEvents.closed` follows within the close wait.
   * @throws RangeError for a code that must not be sent or a reason of more than 123 bytes
   */
  close(code: number, reason: string): void;
  /**
   * Closes a client that reads too slowly: what is queued is dropped, so that the close frame need not wait
   * behind it, and the client has a second to take it. Code and reason as for `close`.
   */
  cutOff(code: number, reason: string): void;
  /** Drops the connection without a closing handshake. */
  terminate(): void;
}

/** The way in. Called synchronously, in order, never after `closed`. */
export interface TransportEvents {
  /** One whole message: a string when it came as text, bytes (owned by the receiver) when binary. */
  message(data: string | Uint8Array): void;
  /** `queuedBytes` is 0, after it had stood above that at the end of a tick: who waits for the client goes on. */
  drained(): void;
  /** The connection has ended, exactly once. `clean`: both sides finished the closing handshake. */
  closed(code: number, reason: string, clean: boolean): void;
}

/** The transport of a client that was let in. */
export interface TransportOffer {
  /** Makes it; what happens to it is told to `events`. */
  connect(events: TransportEvents): SessionTransport;
  /** How often it proves to the client that it is alive, in milliseconds; 0 for never. */
  readonly heartbeatMs: number;
}
