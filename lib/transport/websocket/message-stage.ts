/**
 * Messages on their way through a connection's extensions, in order, both ways. An extension may take its
 * time for one message; those behind it wait here, and so does the close frame. Only connections that have
 * negotiated an extension have a stage.
 */
import type {
  MessageTransform,
  NegotiatedExtension,
  OutgoingMessage,
  SharedEncoding,
} from '../../protocol/websocket/index.js';
import type { PreparedFrames } from './prepared-frames.js';
import type { SentCallback } from './sent-callbacks.js';

interface Stage {
  readonly rsv: number;
  readonly transform: MessageTransform;
}

/** Something that must keep its place among messages: runs at once, or answers when it is through. */
type Step = () => void | Promise<void>;

/** Where messages go that are through. */
export interface StageOutput {
  /** A frame that other connections may have too. */
  writeFrame(frame: Buffer): void;
  /**
   * @param rsv the reserved bits that go with the payload
   * @param hasCallback whether the next of `expected` is for this message
   */
  writePayload(payload: Buffer, isBinary: boolean, rsv: number, hasCallback: boolean): void;
}

export interface StageListener {
  /** An extension failed at encoding: the connection can't go on. */
  encodingFailed(error: unknown): void;
  /** More waits than the high-water mark, or no longer. */
  onBacklog(isHigh: boolean): void;
  /** Messages had to wait, and all of them are through now. */
  onStageEmpty(): void;
}

export class MessageStage {
  /** Bytes of messages that wait for those before them. */
  waitingBytes = 0;
  private isBacklogHigh = false;
  /** Messages had to wait since the stage was last empty. */
  private hasWaited = false;
  /** All reserved bits in use. */
  readonly rsv: number;
  private readonly stages: readonly Stage[];
  /** Extensions in a row can't share what they make. */
  private readonly shared: SharedEncoding | undefined;
  private readonly queue: { step: Step; bytes: number }[] = [];
  private readonly callbacks: SentCallback[] = [];
  private busy = false;

  /** @param highWaterBytes of messages that wait */
  constructor(
    extensions: readonly NegotiatedExtension[],
    maxPayload: number,
    private readonly highWaterBytes: number,
    private readonly listener: StageListener,
  ) {
    this.stages = extensions.map(({ rsv, accepted }) => ({ rsv, transform: accepted.open({ maxPayload }) }));
    this.rsv = extensions.reduce((bits, { rsv }) => bits | rsv, 0);
    this.shared = extensions.length === 1 ? this.stages[0]!.transform.shared : undefined;
  }

  /** Runs `step` after all that came before; at once when nothing waits. */
  inOrder(step: Step, bytes = 0): void {
    if (this.busy) {
      this.queue.push({ step, bytes });
      this.waitingBytes += bytes;
      if (bytes > 0) this.hasWaited = true;
      this.watchBacklog();
    } else this.run(step);
  }

  private watchBacklog(): void {
    const isHigh = this.waitingBytes > this.highWaterBytes;
    if (isHigh === this.isBacklogHigh) return;
    this.isBacklogHigh = isHigh;
    this.listener.onBacklog(isHigh);
  }

  private run(step: Step): void {
    this.follow(step());
  }

  private follow(pending: void | Promise<void>): void {
    if (pending === undefined) return;
    this.busy = true;
    pending
      .catch((error: unknown) => this.listener.encodingFailed(error))
      .finally(() => this.next())
      .catch((error: unknown) => this.listener.encodingFailed(error));
  }

  private next(): void {
    this.busy = false;
    while (!this.busy && this.queue.length > 0) {
      const { step, bytes } = this.queue.shift()!;
      this.waitingBytes -= bytes;
      this.run(step);
    }
    // Outside of the promise, so that what an application throws is not taken for a failed encoding
    if (this.hasWaited) process.nextTick(() => this.tell());
  }

  private tell(): void {
    this.watchBacklog();
    if (this.busy || !this.hasWaited) return;
    this.hasWaited = false;
    this.listener.onStageEmpty();
  }

  /** @param hasCallback whether one was given to `expect` for this message */
  send(message: OutgoingMessage, output: StageOutput, hasCallback: boolean): void {
    if (!this.busy) this.follow(this.encode(message, output, hasCallback, 0, 0));
    else this.inOrder(() => this.encode(message, output, hasCallback, 0, 0), message.payload.length);
  }

  /** As `send`; what is encoded the same way for many connections is encoded once. */
  sendPrepared(frames: PreparedFrames, output: StageOutput): void {
    const { shared } = this;
    if (shared === undefined) return this.send(frames.message, output, false);
    if (!this.busy) this.follow(this.writeShared(shared, frames, output));
    else this.inOrder(() => this.writeShared(shared, frames, output), frames.message.payload.length);
  }

  private writeShared(
    shared: SharedEncoding,
    frames: PreparedFrames,
    output: StageOutput,
  ): void | Promise<void> {
    const frame = frames.encodedBy(shared, this.rsv);
    if (frame === undefined) return output.writeFrame(frames.plain);
    if (frame instanceof Promise) {
      return frame.then((done) => {
        shared.sent();
        output.writeFrame(done);
      });
    }
    shared.sent();
    output.writeFrame(frame);
  }

  private encode(
    message: OutgoingMessage,
    output: StageOutput,
    hasCallback: boolean,
    from: number,
    rsv: number,
  ): void | Promise<void> {
    for (let i = from; i < this.stages.length; i++) {
      const stage = this.stages[i]!;
      const payload = stage.transform.encode(message);
      if (payload instanceof Promise) {
        return payload.then((done) =>
          done === undefined
            ? this.encode(message, output, hasCallback, i + 1, rsv)
            : this.encode({ ...message, payload: done }, output, hasCallback, i + 1, rsv | stage.rsv),
        );
      }
      if (payload === undefined) continue;
      message = { ...message, payload };
      rsv |= stage.rsv;
    }
    output.writePayload(message.payload, message.isBinary, rsv, hasCallback);
  }

  /** Undoes the extensions whose bits are set, the last first. @throws WebSocketError */
  decode(payload: Buffer, rsv: number): Buffer | Promise<Buffer> {
    return this.decodeFrom(this.stages.length - 1, payload, rsv);
  }

  private decodeFrom(from: number, payload: Buffer, rsv: number): Buffer | Promise<Buffer> {
    for (let i = from; i >= 0; i--) {
      const stage = this.stages[i]!;
      if ((stage.rsv & rsv) === 0) continue;
      const decoded = stage.transform.decode(payload);
      if (decoded instanceof Promise) return decoded.then((done) => this.decodeFrom(i - 1, done, rsv));
      payload = decoded;
    }
    return payload;
  }

  /** Takes the callback of a message that is about to be given to `send`. */
  expect(callback: SentCallback): void {
    this.callbacks.push(callback);
  }

  /** Gives the callback of the message that was just written back: they come in the same order. */
  expected(): SentCallback {
    return this.callbacks.shift()!;
  }

  close(): void {
    for (const { transform } of this.stages) transform.close();
    const error = new Error('the connection was closed before the message was sent');
    for (const callback of this.callbacks.splice(0)) process.nextTick(callback, error);
    this.queue.length = 0;
    this.waitingBytes = 0;
    this.hasWaited = false;
  }
}
