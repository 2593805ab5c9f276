/** `WebSocket`: one connection, as an application sees it. Names and behaviour follow `ws`. */
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import {
  type ConnectionEnd,
  type ConnectionState,
  type NegotiatedExtension,
  Opcode,
  type Role,
  WebSocketError,
  writeNegotiated,
} from '../../protocol/websocket/index.js';
import { Connection, type ConnectionOwner } from './connection.js';
import type { ConnectionOptions } from './options.js';
import { type BinaryType, type SendData, asBuffer, inBinaryType, toPayload } from './payload.js';
import type { PreparedFrames } from './prepared-frames.js';

export interface SendOptions {
  /** Sends a binary message. Default: whatever is not a string or number is binary. */
  readonly binary?: boolean;
  /** False leaves this message uncompressed. Default: compressed where that was negotiated. */
  readonly compress?: boolean;
}

export type SendCallback = (error?: Error) => void;

/** Events of a `WebSocket` and what their listeners get. */
export interface WebSocketEventMap {
  /** A whole message. Text comes as a Buffer too, with `isBinary` false. */
  message: [data: Buffer | ArrayBuffer | Buffer[], isBinary: boolean];
  ping: [payload: Buffer];
  pong: [payload: Buffer];
  /** All that was queued went out after the socket had been full. */
  drain: [];
  /** The peer broke a rule or a limit; `close` follows. Without a listener nothing is thrown. */
  error: [error: Error];
  /** The end, once. Code 1006: no close frame came. */
  close: [code: number, reason: Buffer];
}

const READY_STATES: Readonly<Record<ConnectionState, number>> = { open: 1, closing: 2, closed: 3 };

/** What `WebSocketServer` needs to hand a socket over. */
export interface Established {
  readonly socket: Socket;
  readonly role: Role;
  readonly subprotocol: string;
  readonly options: ConnectionOptions;
  readonly extensions: readonly NegotiatedExtension[];
}

export class WebSocket extends EventEmitter<WebSocketEventMap> implements ConnectionOwner {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;

  /** How binary messages come: as `nodebuffer` (default), `arraybuffer` or `fragments` (`Buffer[]`). */
  binaryType: BinaryType = 'nodebuffer';
  /** The selected subprotocol, or an empty string. */
  readonly protocol: string;
  /** The negotiated extensions with their parameters, or an empty string. */
  readonly extensions: string;
  private readonly connection: Connection;
  private paused = false;

  /** @internal Made by `WebSocketServer` and `acceptUpgrade`. */
  constructor(established: Established) {
    super();
    const { socket, role, options, extensions } = established;
    this.protocol = established.subprotocol;
    this.extensions = writeNegotiated(extensions);
    this.connection = new Connection(socket, role, options, this, extensions);
  }

  get CONNECTING(): number {
    return WebSocket.CONNECTING;
  }
  get OPEN(): number {
    return WebSocket.OPEN;
  }
  get CLOSING(): number {
    return WebSocket.CLOSING;
  }
  get CLOSED(): number {
    return WebSocket.CLOSED;
  }

  /** 0 connecting, 1 open, 2 closing, 3 closed. */
  get readyState(): number {
    return READY_STATES[this.connection.state];
  }

  /** Bytes sent that the kernel has not taken yet, frame headers included. */
  get bufferedAmount(): number {
    return this.connection.queuedBytes;
  }

  get isPaused(): boolean {
    return this.paused;
  }

  /**
   * Sends one message. All messages of one tick leave in one write.
   * @param callback called when the kernel has taken the message, or with the error that prevented it
   * @throws TypeError for data that can't be sent
   */
  send(data: SendData, callback?: SendCallback): void;
  send(data: SendData, options: SendOptions, callback?: SendCallback): void;
  send(data: SendData, options?: SendOptions | SendCallback, callback?: SendCallback): void {
    if (typeof options === 'function') return this.send(data, {}, options);
    const payload = toPayload(data);
    const binary = options?.binary ?? typeof payload !== 'string';
    this.connection.send(payload, binary, options?.compress ?? true, callback);
  }

  /** @internal One message for many connections. */
  sendPrepared(frames: PreparedFrames): void {
    this.connection.sendPrepared(frames);
  }

  /** @throws RangeError for more than 125 bytes */
  ping(data?: SendData): void {
    this.sendControl(Opcode.ping, data);
  }

  /** An unsolicited pong (RFC 6455 §5.5.3); pings are answered without it. @throws RangeError as `ping` */
  pong(data?: SendData): void {
    this.sendControl(Opcode.pong, data);
  }

  private sendControl(opcode: number, data: SendData | undefined): void {
    const payload = asBuffer(data);
    if (payload.length > 125) {
      throw new RangeError(`control frame payload of ${payload.length} bytes exceeds the limit of 125`);
    }
    if (this.readyState === WebSocket.OPEN) this.connection.sendControl(opcode, payload);
  }

  /**
   * Starts the closing handshake, behind the messages already sent.
   * @param code 1000-1003, 1007-1014 or 3000-4999; without one the close frame is empty
   * @param reason at most 123 bytes of UTF-8
   * @throws RangeError for another code or a longer reason
   */
  close(code?: number, reason: string | Buffer = ''): void {
    this.connection.close(code, reason.toString());
  }

  /** Drops the connection without a closing handshake. */
  terminate(): void {
    this.connection.terminate();
  }

  /** Stops reading, so that back-pressure reaches the peer. Messages already read still come. */
  pause(): void {
    if (this.readyState === WebSocket.CLOSED) return;
    this.paused = true;
    this.connection.pause();
  }

  resume(): void {
    this.paused = false;
    this.connection.resume();
  }

  /** @internal */
  onMessage(payload: Buffer, isBinary: boolean): void {
    const plain = this.binaryType === 'nodebuffer' || !isBinary;
    this.emit('message', plain ? payload : inBinaryType(payload, this.binaryType), isBinary);
  }

  /** @internal */
  onPing(payload: Buffer): void {
    this.emit('ping', payload);
  }

  /** @internal */
  onPong(payload: Buffer): void {
    this.emit('pong', payload);
  }

  /** @internal */
  onDrain(): void {
    this.emit('drain');
  }

  /** @internal A peer's mistake never becomes an uncaught exception: without listeners it is not emitted. */
  onFailed(error: WebSocketError): void {
    if (this.listenerCount('error') > 0) this.emit('error', error);
  }

  /** @internal */
  onClosed(end: ConnectionEnd): void {
    this.emit('close', end.code, Buffer.from(end.reason));
  }
}
