/** What a `WebSocket` takes and tells. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { NegotiatedExtension, Role } from '../../protocol/websocket/index.js';
import type { ConnectionOptions } from './options.js';

export interface SendOptions {
  /** Sends a binary message. Default: whatever is not a string or number is binary. */
  readonly binary?: boolean;
  /** False leaves this message uncompressed. Default: compressed where that was negotiated. */
  readonly compress?: boolean;
}

export type SendCallback = (error?: Error) => void;

/** Events of a `WebSocket` and what their listeners get. */
export interface WebSocketEventMap {
  /** Client: the server's 101, before `open`. */
  upgrade: [response: IncomingMessage];
  /** Client: the connection is established. */
  open: [];
  /** A whole message. Text comes as a Buffer too, with `isBinary` false. */
  message: [data: Buffer | ArrayBuffer | Buffer[], isBinary: boolean];
  ping: [payload: Buffer];
  pong: [payload: Buffer];
  /** All that was queued went out after the socket had been full, or messages had waited to be encoded. */
  drain: [];
  /**
   * The peer broke a rule or a limit, or the handshake failed: an `UnexpectedResponseError` has the status,
   * headers and body of a refusal. `close` follows. Without a listener nothing is thrown.
   */
  error: [error: Error];
  /** The end, once. Code 1006: no close frame came. */
  close: [code: number, reason: Buffer];
}

/** A socket behind a finished opening handshake. */
export interface Established {
  readonly socket: Socket;
  readonly role: Role;
  readonly subprotocol: string;
  readonly options: ConnectionOptions;
  readonly extensions: readonly NegotiatedExtension[];
  /** Told when the connection has ended, before its listeners. */
  readonly registry?: ConnectionRegistry | undefined;
}

/** Whoever keeps track of connections: one object for all of them. */
export interface ConnectionRegistry {
  forget(socket: object): void;
}
