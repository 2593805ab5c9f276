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

interface Encoded {
  readonly payload: Buffer;
  readonly rsv: number;
}

/** Something that must keep its place among messages: runs at once, or answers when it is through. */
type Step = () => void | Promise<void>;

export interface StageListener {
  /** An extension failed at encoding: the connection can't go on. */
  encodingFailed(error: unknown): void;
  /** More waits than the high-water mark, or no longer. */
  onBacklog(isHigh: boolean): void;
}

export class MessageStage {
  /** Bytes of messages that wait for those before them. */
  waitingBytes = 0;
  private isBacklogHigh = false;
  private readonly stages: readonly Stage[];
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
  }

  /** All reserved bits in use. */
  get rsv(): number {
    return this.stages.reduce((bits, { rsv }) => bits | rsv, 0);
  }

  /** Runs `step` after all that came before; at once when nothing waits. */
  inOrder(step: Step, bytes = 0): void {
    if (this.busy) {
      this.queue.push({ step, bytes });
      this.waitingBytes += bytes;
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
    const pending = step();
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
    this.watchBacklog();
  }

  /** @param write gets the payload and the reserved bits that go with it */
  send(message: OutgoingMessage, write: (payload: Buffer, rsv: number) => void): void {
    this.inOrder(() => {
      const encoded = this.encode(message);
      if (!(encoded instanceof Promise)) return write(encoded.payload, encoded.rsv);
      return encoded.then(({ payload, rsv }) => write(payload, rsv));
    }, message.payload.length);
  }

  /**
   * @param writeFrame gets a frame that others may share
   * @param write gets a payload of this connection's own, where its extensions can't share
   */
  sendPrepared(
    frames: PreparedFrames,
    writeFrame: (frame: Buffer) => void,
    write: (payload: Buffer, rsv: number) => void,
  ): void {
    const shared = this.stages.length === 1 ? this.stages[0]!.transform.shared : undefined;
    if (shared === undefined) return this.send(frames.message, write);
    this.inOrder(() => {
      const frame = frames.encodedBy(shared, this.rsv);
      if (frame === undefined) return writeFrame(frames.plain);
      if (Buffer.isBuffer(frame)) return this.writeShared(frame, shared, writeFrame);
      return frame.then((done) => this.writeShared(done, shared, writeFrame));
    }, frames.message.payload.length);
  }

  private writeShared(frame: Buffer, shared: SharedEncoding, writeFrame: (frame: Buffer) => void): void {
    shared.sent();
    writeFrame(frame);
  }

  private encode(message: OutgoingMessage, from = 0, rsv = 0): Encoded | Promise<Encoded> {
    for (let i = from; i < this.stages.length; i++) {
      const stage = this.stages[i]!;
      const payload = stage.transform.encode(message);
      if (payload instanceof Promise) {
        return payload.then((done) => this.encode(...withPayload(message, done, rsv, stage, i)));
      }
      if (payload === undefined) continue;
      message = { ...message, payload };
      rsv |= stage.rsv;
    }
    return { payload: message.payload, rsv };
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
  }
}

function withPayload(
  message: OutgoingMessage,
  payload: Buffer | undefined,
  rsv: number,
  stage: Stage,
  index: number,
): [OutgoingMessage, number, number] {
  if (payload === undefined) return [message, index + 1, rsv];
  return [{ ...message, payload }, index + 1, rsv | stage.rsv];
}
