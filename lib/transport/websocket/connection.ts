/**
 * A protocol on a socket: bytes of the socket go in, frames go through the outbox to the socket, limits on
 * time and on unsent bytes are kept. What the application sees of it is `WebSocket`.
 */
import type { Socket } from 'node:net';
import {
  CloseCode,
  type ConnectionEnd,
  type ConnectionState,
  type NegotiatedExtension,
  Opcode,
  type ProtocolEvents,
  type ProtocolOutput,
  type Role,
  WebSocketError,
  type WebSocketErrorCode,
  WebSocketProtocol,
} from '../../protocol/websocket/index.js';
import { type Beat, type Beating, startBeating, stopBeating } from './heartbeat.js';
import { makeFrame, sendFrame, sendText } from './frame-sender.js';
import type { ConnectionOptions } from './options.js';
import { Inbound } from './inbound.js';
import { MessageStage } from './message-stage.js';
import { Outbox } from './outbox.js';
import { EMPTY } from './payload.js';
import type { PreparedFrames } from './prepared-frames.js';
import type { SentCallback } from './sent-callbacks.js';
import { type SocketUser, useSocket } from './socket-listeners.js';

/** Whom a connection tells. */
export interface ConnectionOwner {
  onMessage(payload: Buffer, isBinary: boolean): void;
  onPing(payload: Buffer): void;
  onPong(payload: Buffer): void;
  /** All that had been queued went out after the socket had been full. */
  onDrain(): void;
  /** The peer broke a rule or a limit. */
  onFailed(error: WebSocketError): void;
  /** The socket is gone; comes once, last. */
  onClosed(end: ConnectionEnd): void;
}

/** A peer that doesn't read won't read our close frame either: it gets this long, not the close wait. */
const OVERFLOW_CLOSE_WAIT_MS = 1_000;

export class Connection implements ProtocolEvents, ProtocolOutput, Beating, SocketUser {
  readonly protocol: WebSocketProtocol;
  private readonly outbox: Outbox;
  private readonly stage: MessageStage | undefined;
  /** Callbacks of messages that are in the stage, in their order. */
  private closeTimer: NodeJS.Timeout | undefined;
  /** Our close frame is queued: no message may follow it. */
  private closeQueued = false;
  /** @internal */
  beat: Beat | undefined;
  private lazyInbound: Inbound | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly role: Role,
    private readonly options: ConnectionOptions,
    private readonly owner: ConnectionOwner,
    extensions: readonly NegotiatedExtension[] = [],
  ) {
    if (extensions.length > 0) {
      this.stage = new MessageStage(extensions, options.maxPayload, (error) => this.encodingFailed(error));
    }
    this.protocol = new WebSocketProtocol(role, options, this, this, this.stage?.rsv);
    this.outbox = new Outbox(socket, owner);
    if (options.heartbeat) startBeating(this, options.heartbeat);
    useSocket(socket, this);
  }

  get state(): ConnectionState {
    return this.protocol.state;
  }

  /** Bytes sent that the kernel has not taken. */
  get queuedBytes(): number {
    return this.outbox.queuedBytes + (this.stage?.waitingBytes ?? 0);
  }

  /** @param callback called when the kernel has the message, or with the error that prevented it */
  send(data: string | Buffer, binary: boolean, compress: boolean, callback?: SentCallback): void {
    if (this.isOverflowing()) this.overflow();
    if (this.state !== 'open') {
      if (callback) process.nextTick(callback, new Error(`the connection is ${this.state}`));
      return;
    }
    const opcode = binary ? Opcode.binary : Opcode.text;
    if (this.stage) return this.sendStaged(this.stage, data, binary, compress, callback);
    if (typeof data === 'string') sendText(this.outbox, this.role, opcode, data);
    else sendFrame(this.outbox, this.role, opcode, data);
    if (callback) this.outbox.whenSent(callback);
    this.outbox.flushIfLarge();
  }

  private sendStaged(
    stage: MessageStage,
    data: string | Buffer,
    isBinary: boolean,
    compress: boolean,
    callback?: SentCallback,
  ): void {
    const payload = typeof data === 'string' ? Buffer.from(data) : data;
    if (callback) stage.expect(callback);
    stage.send({ payload, isBinary, compress }, (encoded, rsv) => {
      if (!this.canWrite) return;
      this.writePayload(encoded, isBinary, rsv);
      if (callback) this.outbox.whenSent(stage.expected());
    });
  }

  /** Sends one message that other connections send too. Server only: frames are not masked. */
  sendPrepared(frames: PreparedFrames): void {
    if (this.isOverflowing()) this.overflow();
    if (this.state !== 'open') return;
    if (this.stage === undefined) return this.writeFrame(frames.plain);
    const { isBinary } = frames.message;
    this.stage.sendPrepared(
      frames,
      (frame) => this.writeFrame(frame),
      (payload, rsv) => this.writePayload(payload, isBinary, rsv),
    );
  }

  /** Messages that were encoding when the end began still go out before the close frame. */
  private get canWrite(): boolean {
    return !this.closeQueued && this.protocol.state !== 'closed';
  }

  private writePayload(payload: Buffer, isBinary: boolean, rsv: number): void {
    if (!this.canWrite) return;
    sendFrame(this.outbox, this.role, rsv | (isBinary ? Opcode.binary : Opcode.text), payload);
    this.outbox.flushIfLarge();
  }

  private writeFrame(frame: Buffer): void {
    if (!this.canWrite) return;
    this.outbox.push(frame);
    this.outbox.flushIfLarge();
  }

  private encodingFailed(error: unknown): void {
    const message = `message can't be encoded: ${error instanceof Error ? error.message : String(error)}`;
    this.protocol.fail(new WebSocketError('WS_ERR_ENCODING', CloseCode.internalError, message));
  }

  /** Starts the closing handshake behind the messages already sent. @throws RangeError as the protocol does */
  close(code?: number, reason?: string): void {
    this.protocol.close(code, reason);
  }

  /** Only while open: a second failure would be told again and put the end off. */
  private isOverflowing(): boolean {
    return this.queuedBytes > this.options.maxOutboundBytes && this.state === 'open';
  }

  private overflow(): void {
    // A tick that sends much has not tried the kernel yet
    this.outbox.flush();
    const { queuedBytes } = this;
    const { maxOutboundBytes } = this.options;
    if (queuedBytes <= maxOutboundBytes) return;
    this.cutOff(
      'WS_ERR_OUTBOUND_LIMIT',
      `${queuedBytes} unsent bytes exceed the limit of ${maxOutboundBytes}`,
    );
  }

  /** Fails the connection of a peer that does not take what it is sent. */
  cutOff(code: WebSocketErrorCode, message: string, closeCode: number = CloseCode.policyViolation): void {
    this.protocol.fail(new WebSocketError(code, closeCode, message));
    this.terminateIn(OVERFLOW_CLOSE_WAIT_MS);
  }

  /** What is answered while a chunk is read leaves when it has been read, without waiting for the tick's end. */
  receive(chunk: Buffer): void {
    this.outbox.beginBatch();
    try {
      // Only a message that has to be decoded can leave a part of the chunk unread
      if (this.stage) this.inbound.receive(chunk);
      else this.protocol.receive(chunk);
    } finally {
      this.outbox.endBatch();
    }
  }

  /** @internal */
  get traffic(): number {
    return this.socket.bytesRead + this.outbox.progress;
  }

  /** Most connections never pause. */
  private get inbound(): Inbound {
    return (this.lazyInbound ??= new Inbound(this.socket, this, this.owner));
  }

  get isPaused(): boolean {
    return this.lazyInbound?.isPaused ?? false;
  }

  /** @internal */
  ping(): void {
    if (this.state === 'open') this.sendControl(Opcode.ping, EMPTY);
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
    this.closeTimer = setTimeout(() => this.socket.destroy(), ms);
  }

  /** @internal */
  onMessage(payload: Buffer, isBinary: boolean, rsv: number): void {
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

  /** @internal RFC 6455 §5.5.3 lets us leave pongs out; a peer that takes none of them is cut off. */
  sendControl(opcode: number, payload: Buffer): void {
    this.outbox.pushControl(makeFrame(this.role, opcode, payload));
    if (opcode !== Opcode.pong || ++this.outbox.unsentPongs <= this.options.maxPendingAutoPongs) return;
    this.outbox.flush();
    const { unsentPongs } = this.outbox;
    if (unsentPongs <= this.options.maxPendingAutoPongs) return;
    const limit = this.options.maxPendingAutoPongs;
    this.cutOff('WS_ERR_TOO_MANY_PENDING_PONGS', `${unsentPongs} unsent pongs exceed the limit of ${limit}`);
  }

  /** @internal */
  sendClose(payload: Buffer, dropQueued: boolean): void {
    if (dropQueued) this.outbox.dropBlocked();
    const queue = (): void => {
      if (this.closeQueued) return;
      this.closeQueued = true;
      this.outbox.push(makeFrame(this.role, Opcode.close, payload));
    };
    if (this.stage && !dropQueued) this.stage.inOrder(queue);
    else queue();
  }

  /** @internal From here on reading only serves to see the peer's end of stream. */
  endOutput(): void {
    if (this.stage && !this.closeQueued) this.stage.inOrder(() => this.outbox.end());
    else this.outbox.end();
    this.socket.resume();
  }

  /** @internal */
  socketEnded(): void {
    this.protocol.receiveEnd();
  }

  /** @internal */
  socketClosed(): void {
    clearTimeout(this.closeTimer);
    stopBeating(this);
    this.outbox.destroy();
    this.stage?.close();
    this.owner.onClosed(this.protocol.closed());
  }
}
