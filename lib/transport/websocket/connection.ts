/**
 * A protocol on a socket: bytes of the socket go in, frames of `Outbound` go out, limits on time are kept.
 * What the application sees of it is `WebSocket`.
 */
import type { Socket } from 'node:net';
import {
  CloseCode,
  type ConnectionEnd,
  type ConnectionState,
  type NegotiatedExtension,
  Opcode,
  type ProtocolEvents,
  type Role,
  WebSocketError,
  type WebSocketErrorCode,
  WebSocketProtocol,
} from '../../protocol/websocket/index.js';
import { type Beat, type Beating, startBeating, stopBeating } from './heartbeat.js';
import { type IdleWatch, type Idling, startIdling, stopIdling } from './idle-watch.js';
import { FRAMES_PER_TURN, Inbound, isLastOfTurn } from './inbound.js';
import { MessageStage, type StageListener } from './message-stage.js';
import type { ConnectionOptions } from './options.js';
import { Outbound, type Sender } from './outbound.js';
import { EMPTY } from './payload.js';
import type { PreparedFrames } from './prepared-frames.js';
import type { SentCallback } from './sent-callbacks.js';
import { type SocketUser, useSocket } from './socket-listeners.js';

/** Whom a connection tells. */
export interface ConnectionOwner {
  onMessage(payload: Buffer, isBinary: boolean): void;
  onPing(payload: Buffer): void;
  onPong(payload: Buffer): void;
  /** All that had been queued went out after the socket had been full, or messages had waited to be encoded. */
  onDrain(): void;
  /** No message was received or sent for `idleTimeoutMs`. */
  onIdle(timeoutMs: number): void;
  /** The peer broke a rule or a limit. */
  onFailed(error: WebSocketError): void;
  /** The socket is gone; comes once, last. */
  onClosed(end: ConnectionEnd): void;
}

/** A peer that doesn't read won't read our close frame either: it gets this long, not the close wait. */
const OVERFLOW_CLOSE_WAIT_MS = 1_000;

const MAX_BACKLOG_HIGH_WATER_BYTES = 512 * 1024;

/** Half of what may wait at all, so that one more message of common size still fits. */
function backlogHighWater({ maxOutboundBytes }: ConnectionOptions): number {
  return Math.min(maxOutboundBytes / 2, MAX_BACKLOG_HIGH_WATER_BYTES);
}

export class Connection implements ProtocolEvents, Beating, Idling, SocketUser, Sender, StageListener {
  readonly protocol: WebSocketProtocol;
  private readonly outbound: Outbound;
  private readonly stage: MessageStage | undefined;
  private closeTimer: NodeJS.Timeout | undefined;
  /** @internal */
  beat: Beat | undefined;
  /** @internal */
  idleWatch: IdleWatch | undefined;
  /** @internal Messages received and sent, whole ones. */
  messages = 0;
  private lazyInbound: Inbound | undefined;

  constructor(
    private readonly socket: Socket,
    role: Role,
    private readonly options: ConnectionOptions,
    private readonly owner: ConnectionOwner,
    extensions: readonly NegotiatedExtension[] = [],
  ) {
    if (extensions.length > 0) {
      this.stage = new MessageStage(extensions, options.maxPayload, backlogHighWater(options), this);
    }
    this.outbound = new Outbound(socket, role, options, this, this.stage, owner);
    const { outbound, stage } = this;
    this.protocol = new WebSocketProtocol(role, options, this, outbound, stage?.rsv, FRAMES_PER_TURN);
    if (options.heartbeat) startBeating(this, options.heartbeat);
    startIdling(this, options.idleTimeoutMs);
    useSocket(socket, this);
  }

  get state(): ConnectionState {
    return this.protocol.state;
  }

  /** Bytes sent that the kernel has not taken. */
  get queuedBytes(): number {
    return this.outbound.queuedBytes;
  }

  /** @param callback called when the kernel has the message, or with the error that prevented it */
  send(data: string | Buffer, binary: boolean, compress: boolean, callback?: SentCallback): void {
    this.messages++;
    this.outbound.send(data, binary, compress, callback);
  }

  /** Sends one message that other connections send too. Server only: frames are not masked. */
  sendPrepared(frames: PreparedFrames): void {
    this.messages++;
    this.outbound.sendPrepared(frames);
  }

  /** Sends a ping or pong, ahead of queued messages. */
  sendControl(opcode: number, payload: Buffer): void {
    this.outbound.sendControl(opcode, payload);
  }

  /** @internal */
  onBacklog(isHigh: boolean): void {
    this.inbound.onBacklog(isHigh);
  }

  /** @internal */
  onStageEmpty(): void {
    if (this.outbound.flush()) this.owner.onDrain();
  }

  /** @internal */
  encodingFailed(error: unknown): void {
    const message = `message can't be encoded: ${error instanceof Error ? error.message : String(error)}`;
    this.protocol.fail(new WebSocketError('WS_ERR_ENCODING', CloseCode.internalError, message));
  }

  /** Starts the closing handshake behind the messages already sent. @throws RangeError as the protocol does */
  close(code?: number, reason?: string): void {
    this.protocol.close(code, reason);
  }

  /** Fails the connection of a peer that does not take what it is sent. */
  cutOff(code: WebSocketErrorCode, message: string, closeCode: number = CloseCode.policyViolation): void {
    this.protocol.fail(new WebSocketError(code, closeCode, message));
    this.terminateIn(OVERFLOW_CLOSE_WAIT_MS);
  }

  /** What is answered while a chunk is read leaves when it has been read, without waiting for the tick's end. */
  receive(chunk: Buffer): void {
    this.read(chunk);
    if (isLastOfTurn(chunk, this.socket)) this.protocol.beginTurn();
  }

  /** @internal */
  read(chunk: Buffer): void {
    this.outbound.beginBatch();
    try {
      const taken = this.protocol.receive(chunk);
      if (taken < chunk.length) this.inbound.keep(chunk.subarray(taken));
    } finally {
      this.outbound.endBatch();
    }
  }

  /** @internal */
  get traffic(): number {
    return this.socket.bytesRead + this.outbound.progress;
  }

  /** Most connections are never held up. */
  private get inbound(): Inbound {
    return (this.lazyInbound ??= new Inbound(this.socket, this, this.owner));
  }

  get isPaused(): boolean {
    return this.lazyInbound?.isPaused ?? false;
  }

  /** @internal */
  get isReading(): boolean {
    return this.lazyInbound?.isReading ?? true;
  }

  /** @internal */
  ping(): void {
    if (this.state === 'open') this.sendControl(Opcode.ping, EMPTY);
  }

  /** @internal */
  idle(): void {
    if (this.state === 'open') this.owner.onIdle(this.options.idleTimeoutMs);
  }

  pause(): void {
    this.inbound.pause();
  }

  resume(): void {
    this.lazyInbound?.resume();
  }

  /** Drops the connection without a closing handshake. */
  terminate(): void {
    this.protocol.abandon();
    this.socket.destroy();
  }

  private terminateIn(ms: number): void {
    clearTimeout(this.closeTimer);
    this.closeTimer = setTimeout(() => this.terminate(), ms);
  }

  /** @internal */
  onMessage(payload: Buffer, isBinary: boolean, rsv: number): void {
    this.messages++;
    if (rsv === 0) this.owner.onMessage(payload, isBinary);
    else this.inbound.decode(this.stage!, payload, isBinary, rsv);
  }

  /** @internal */
  onPing(payload: Buffer): void {
    this.owner.onPing(payload);
  }

  /** @internal */
  onPong(payload: Buffer): void {
    this.owner.onPong(payload);
  }

  /** @internal */
  onClosing(): void {
    this.terminateIn(this.options.closeTimeoutMs);
  }

  /** @internal */
  onFailed(error: WebSocketError): void {
    this.owner.onFailed(error);
  }

  /** @internal */
  socketEnded(): void {
    this.behindWhatWasRead(() => this.protocol.receiveEnd());
  }

  /** @internal */
  socketClosed(): void {
    this.behindWhatWasRead(() => this.closed());
  }

  private behindWhatWasRead(step: () => void): void {
    if (this.lazyInbound) this.lazyInbound.inOrder(step);
    else step();
  }

  private closed(): void {
    clearTimeout(this.closeTimer);
    stopBeating(this);
    stopIdling(this);
    this.outbound.destroy();
    this.owner.onClosed(this.protocol.closed());
  }
}
