/** Answers one request by a stream: items to the client under the handler's overflow policy, then the end. */
import { type Codec, encodeException } from '../protocol/codec/index.js';
import type { ClientMessage } from '../protocol/envelope/index.js';
import { tooSlow } from './exceptions.js';
import type { Outbound, Outlet } from './outbound.js';
import { createOutlet } from './outlet.js';
import type { Overflow } from './overflow.js';
import type { StreamSource } from './result.js';
import { type StreamReader, type StreamSink, readStream } from './stream-reader.js';

/** Whom a stream tells how it ended; not when it was stopped. */
export interface StreamAnswerOwner {
  /** Nothing more comes, and the client knows. */
  streamEnded(): void;
  /** Nothing more comes; the client is still to be told of `error`. */
  streamFailed(error: unknown): void;
  /** The source's teardown threw. */
  teardownFailed(error: unknown): void;
}

export class StreamAnswer implements StreamSink {
  private readonly reader: StreamReader;
  private readonly outlet: Outlet;

  constructor(
    private readonly message: ClientMessage,
    source: StreamSource,
    overflow: Overflow,
    private readonly outbound: Outbound,
    private readonly codec: Codec,
    private readonly owner: StreamAnswerOwner,
  ) {
    this.reader = readStream(source, this, outbound, (error) => owner.teardownFailed(error));
    this.outlet = createOutlet(outbound, overflow, () => this.overflowed());
  }

  start(): void {
    this.reader.start();
  }

  /** Tears the source down without a word to the client. */
  stop(): void {
    this.reader.stop();
  }

  private overflowed(): void {
    const { event, id } = this.message;
    this.reader.stop();
    const message = encodeException(this.codec, id, tooSlow(`stream "${event}"`));
    if (message !== undefined) this.outbound.sendBeyondLimit(message);
    this.owner.streamEnded();
  }

  /** Without an id an item is told from a push by nothing. */
  item(data: unknown): void {
    const { event, id } = this.message;
    const message = id === undefined ? { event, data } : { event, id, data, more: true as const };
    this.outlet.send(this.codec.encode(message));
  }

  completed(): void {
    this.outlet.release(true);
    const { event, id } = this.message;
    if (id !== undefined) this.outbound.send(this.codec.encode({ event, id }));
    this.owner.streamEnded();
  }

  failed(error: unknown): void {
    this.outlet.release(true);
    this.owner.streamFailed(error);
  }
}
