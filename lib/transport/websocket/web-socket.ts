/** `WebSocket`: one connection, as an application sees it. Names and behaviour follow `ws`. */
import {
  CloseCode,
  type ConnectionEnd,
  type ConnectionState,
  MAX_CONTROL_PAYLOAD,
  type NegotiatedExtension,
  Opcode,
  type WebSocketError,
  checkCloseStatus,
  checkOfferedSubprotocols,
  writeNegotiated,
} from '../../protocol/websocket/index.js';
import { readAddress } from './client/address.js';
import { ClientHandshake, type Upgraded } from './client/client-handshake.js';
import { type ClientOptions, HandshakeFailedError } from './client/client-options.js';
import { Connection, type ConnectionOwner } from './connection.js';
import { extensionsOf } from './extensions-of.js';
import { type ConnectionOptions, connectionOptions } from './options.js';
import { idleReason } from './idle-watch.js';
import { EMPTY, type SendData, asBuffer, inBinaryType, toPayload } from './payload.js';
import type { PreparedFrames } from './prepared-frames.js';
import { WebSocketEventTarget } from './websocket-event-target.js';
import type { ConnectionRegistry, Established, SendCallback, SendOptions } from './websocket-types.js';

export class WebSocket extends WebSocketEventTarget implements ConnectionOwner {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;

  private selected = '';
  private negotiated: readonly NegotiatedExtension[] = [];
  private connection: Connection | undefined;
  private handshake: ClientHandshake | undefined;
  private end: ConnectionEnd | undefined;
  private address = '';
  private detachSignal: (() => void) | undefined;
  private registry: ConnectionRegistry | undefined;

  /**
   * Connects to a server. `open` or `error` tells how it went.
   * @param address `ws:` or `wss:` (also `http:` or `https:`), without a fragment
   * @param protocols subprotocols to offer, the preferred first
   * @throws SyntaxError for another address, or subprotocols that are not different tokens
   */
  constructor(
    address: string | URL,
    protocols?: string | readonly string[] | ClientOptions,
    options?: ClientOptions,
  );
  /** @internal A server's side, made by `WebSocketServer` and `acceptUpgrade`. */
  constructor(established: Established);
  constructor(
    from: string | URL | Established,
    protocols: string | readonly string[] | ClientOptions = [],
    options: ClientOptions = {},
  ) {
    super();
    if (typeof from === 'object' && 'socket' in from) this.establish(from);
    else if (typeof protocols === 'string') this.connect(from, [protocols], options);
    else if (isList(protocols)) this.connect(from, protocols, options);
    else this.connect(from, [], protocols);
  }

  private connect(address: string | URL, protocols: readonly string[], options: ClientOptions): void {
    const url = readAddress(address);
    checkOfferedSubprotocols(protocols);
    const limits = connectionOptions(options);
    this.address = url.href.replace(/^http/, 'ws');
    this.handshake = new ClientHandshake(url, protocols, extensionsOf(options), options, {
      onUpgrade: (upgraded) => this.opened(upgraded, limits, options.signal),
      onFailure: (error) => this.failedToOpen(error),
    });
  }

  private opened(upgraded: Upgraded, limits: ConnectionOptions, signal: AbortSignal | undefined): void {
    const { socket, head, response } = upgraded;
    if (head.length > 0) socket.unshift(head);
    this.handshake = undefined;
    this.emit('upgrade', response);
    this.establish({ ...upgraded, role: 'client', options: limits });
    this.obey(signal);
    this.emit('open');
  }

  private obey(signal: AbortSignal | undefined): void {
    if (signal === undefined) return;
    const terminate = (): void => this.terminate();
    signal.addEventListener('abort', terminate, { once: true });
    this.detachSignal = () => signal.removeEventListener('abort', terminate);
  }

  private failedToOpen(error: Error): void {
    this.handshake = undefined;
    this.end = { code: CloseCode.abnormal, reason: '', clean: false };
    this.tellError(error);
    this.emit('close', CloseCode.abnormal, EMPTY);
  }

  private establish({ socket, role, subprotocol, options, extensions, registry }: Established): void {
    this.registry = registry;
    this.selected = subprotocol;
    this.negotiated = extensions;
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
    if (this.connection) return READY_STATES[this.connection.state];
    return this.handshake ? WebSocket.CONNECTING : WebSocket.CLOSED;
  }

  /** The address connected to; empty on the server's side. */
  get url(): string {
    return this.address;
  }

  /** The selected subprotocol, or an empty string. */
  get protocol(): string {
    return this.selected;
  }

  /** The negotiated extensions with their parameters, or an empty string. */
  get extensions(): string {
    return writeNegotiated(this.negotiated);
  }

  get wasClean(): boolean {
    return this.end?.clean ?? false;
  }

  /** Bytes sent that the kernel has not taken yet, frame headers included. */
  get bufferedAmount(): number {
    return this.connection?.queuedBytes ?? 0;
  }

  get isPaused(): boolean {
    return this.connection?.isPaused ?? false;
  }

  /**
   * Sends one message. All messages of one tick leave in one write.
   * @param callback called when the kernel has taken the message, or with the error that prevented it
   * @throws TypeError for data that can't be sent
   * @throws Error while connecting
   */
  send(data: SendData, callback?: SendCallback): void;
  send(data: SendData, options: SendOptions, callback?: SendCallback): void;
  send(data: SendData, options?: SendOptions | SendCallback, callback?: SendCallback): void {
    if (typeof options === 'function') return this.send(data, {}, options);
    const payload = toPayload(data);
    const binary = options?.binary ?? typeof payload !== 'string';
    if (this.readyState === WebSocket.CONNECTING) throw new Error('the connection is not open yet');
    if (this.connection) this.connection.send(payload, binary, options?.compress ?? true, callback);
    else if (callback) process.nextTick(callback, new Error('the connection is closed'));
  }

  /** @internal One message for many connections. */
  sendPrepared(frames: PreparedFrames): void {
    this.connection?.sendPrepared(frames);
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
    if (payload.length > MAX_CONTROL_PAYLOAD) {
      throw new RangeError(
        `control frame payload of ${payload.length} bytes exceeds the limit of ${MAX_CONTROL_PAYLOAD}`,
      );
    }
    if (this.readyState === WebSocket.OPEN) this.connection?.sendControl(opcode, payload);
  }

  /**
   * Starts the closing handshake, behind the messages already sent.
   * @param code 1000-1003, 1007-1014 or 3000-4999; without one the close frame is empty
   * @param reason at most 123 bytes of UTF-8
   * @throws RangeError for another code or a longer reason
   */
  close(code?: number, reason: string | Buffer = ''): void {
    checkCloseStatus(code, reason.toString());
    if (this.handshake)
      this.handshake.abort(new HandshakeFailedError('WS_ERR_ABORTED', 'closed while connecting'));
    else this.connection?.close(code, reason.toString());
  }

  /** Drops the connection without a closing handshake. */
  terminate(): void {
    if (this.handshake)
      this.handshake.abort(new HandshakeFailedError('WS_ERR_ABORTED', 'closed while connecting'));
    else this.connection?.terminate();
  }

  /** Stops reading, so that back-pressure reaches the peer. Messages already read still come. */
  pause(): void {
    if (this.readyState !== WebSocket.CLOSED) this.connection?.pause();
  }

  resume(): void {
    this.connection?.resume();
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

  /** @internal RFC 6455 §7.4.1: 1001, going away, as other servers say it. */
  onIdle(timeoutMs: number): void {
    this.connection?.close(CloseCode.goingAway, idleReason(timeoutMs));
  }

  /** @internal A peer's mistake never becomes an uncaught exception: without listeners it is not emitted. */
  onFailed(error: WebSocketError): void {
    this.tellError(error);
  }

  private tellError(error: Error): void {
    if (this.listenerCount('error') > 0) this.emit('error', error);
  }

  /** @internal */
  onClosed(end: ConnectionEnd): void {
    this.end = end;
    this.detachSignal?.();
    this.registry?.forget(this);
    this.emit('close', end.code, Buffer.from(end.reason));
  }
}

const READY_STATES: Readonly<Record<ConnectionState, number>> = { open: 1, closing: 2, closed: 3 };

const isList = (value: readonly string[] | ClientOptions): value is readonly string[] => Array.isArray(value);
