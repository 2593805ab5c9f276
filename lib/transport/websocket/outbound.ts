/**
 * What one connection sends: messages through its extensions, control frames past them, the close frame
 * behind them, all into the outbox. Limits on what waits are kept here.
 */
import type { Socket } from 'node:net';
import {
  Opcode,
  type ProtocolOutput,
  type Role,
  type WebSocketErrorCode,
  type WebSocketProtocol,
} from '../../protocol/websocket/index.js';
import { makeFrame, sendFrame, sendText } from './frame-sender.js';
import type { MessageStage, StageOutput } from './message-stage.js';
import type { ConnectionOptions } from './options.js';
import { type DrainListener, Outbox } from './outbox.js';
import type { PreparedFrames } from './prepared-frames.js';
import type { SentCallback } from './sent-callbacks.js';

/** The connection, as sending needs it. */
export interface Sender {
  readonly protocol: WebSocketProtocol;
  /** Fails the connection of a peer that does not take what it is sent. */
  cutOff(code: WebSocketErrorCode, message: string, closeCode?: number): void;
}

export class Outbound implements ProtocolOutput, StageOutput {
  private readonly outbox: Outbox;
  /** Our close frame is queued: no message may follow it. */
  private closeQueued = false;

  constructor(
    private readonly socket: Socket,
    private readonly role: Role,
    private readonly options: ConnectionOptions,
    private readonly sender: Sender,
    private readonly stage: MessageStage | undefined,
    owner: DrainListener,
  ) {
    this.outbox = new Outbox(socket, owner);
  }

  /** Bytes sent that the kernel has not taken. */
  get queuedBytes(): number {
    return this.outbox.queuedBytes + (this.stage?.waitingBytes ?? 0);
  }

  /** Grows while a slow peer still takes bytes; 0 when none are waiting. */
  get progress(): number {
    return this.outbox.progress;
  }

  /** Until `endBatch` what is sent is collected, to leave in one write. */
  beginBatch(): void {
    this.outbox.beginBatch();
  }

  endBatch(): void {
    this.outbox.endBatch();
  }

  /** @param callback called when the kernel has the message, or with the error that prevented it */
  send(data: string | Buffer, binary: boolean, compress: boolean, callback?: SentCallback): void {
    if (this.isOverflowing()) this.overflow();
    const { state } = this.sender.protocol;
    if (state !== 'open') {
      if (callback) process.nextTick(callback, new Error(`the connection is ${state}`));
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
    stage.send({ payload, isBinary, compress }, this, callback !== undefined);
  }

  /** Sends one message that other connections send too. Server only: frames are not masked. */
  sendPrepared(frames: PreparedFrames): void {
    if (this.isOverflowing()) this.overflow();
    if (this.sender.protocol.state !== 'open') return;
    if (this.stage) this.stage.sendPrepared(frames, this);
    else this.writeFrame(frames.plain);
  }

  /** Messages that were encoding when the end began still go out before the close frame. */
  private get canWrite(): boolean {
    return !this.closeQueued && this.sender.protocol.state !== 'closed';
  }

  /** @internal */
  writePayload(payload: Buffer, isBinary: boolean, rsv: number, hasCallback: boolean): void {
    if (!this.canWrite) return;
    sendFrame(this.outbox, this.role, rsv | (isBinary ? Opcode.binary : Opcode.text), payload);
    if (hasCallback) this.outbox.whenSent(this.stage!.expected());
    this.outbox.flushIfLarge();
  }

  /** @internal */
  writeFrame(frame: Buffer): void {
    if (!this.canWrite) return;
    this.outbox.push(frame);
    this.outbox.flushIfLarge();
  }

  /**
   * What waits for the peer, or to be encoded, whichever is more. Not both together: a peer that reads must
   * not be cut off for what the encoder is still busy with.
   */
  private get longestQueueBytes(): number {
    return Math.max(this.outbox.queuedBytes, this.stage?.waitingBytes ?? 0);
  }

  /** Writes what has gathered. @returns whether the kernel took all of it */
  flush(): boolean {
    this.outbox.flush();
    return this.queuedBytes === 0;
  }

  /** Only while open: a second failure would be told again and put the end off. */
  private isOverflowing(): boolean {
    return this.longestQueueBytes > this.options.maxOutboundBytes && this.sender.protocol.state === 'open';
  }

  private overflow(): void {
    // A tick that sends much has not tried the kernel yet
    this.outbox.flush();
    const { longestQueueBytes } = this;
    const { maxOutboundBytes } = this.options;
    if (longestQueueBytes <= maxOutboundBytes) return;
    this.sender.cutOff(
      'WS_ERR_OUTBOUND_LIMIT',
      `${longestQueueBytes} unsent bytes exceed the limit of ${maxOutboundBytes}`,
    );
  }

  /** RFC 6455 §5.5.3 lets us leave pongs out; a peer that takes none of them is cut off. */
  sendControl(opcode: number, payload: Buffer): void {
    this.outbox.pushControl(makeFrame(this.role, opcode, payload));
    if (opcode !== Opcode.pong || ++this.outbox.unsentPongs <= this.options.maxPendingAutoPongs) return;
    this.outbox.flush();
    const { unsentPongs } = this.outbox;
    const { maxPendingAutoPongs } = this.options;
    if (unsentPongs <= maxPendingAutoPongs) return;
    this.sender.cutOff(
      'WS_ERR_TOO_MANY_PENDING_PONGS',
      `${unsentPongs} unsent pongs exceed the limit of ${maxPendingAutoPongs}`,
    );
  }

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

  /** From here on reading only serves to see the peer's end of stream. */
  endOutput(): void {
    if (this.stage && !this.closeQueued) this.stage.inOrder(() => this.outbox.end());
    else this.outbox.end();
    this.socket.resume();
  }

  /** The socket is gone. */
  destroy(): void {
    this.outbox.destroy();
    this.stage?.close();
  }
}
