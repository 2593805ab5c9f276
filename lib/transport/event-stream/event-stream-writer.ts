/**
 * One event stream on an HTTP response. What is written within a tick leaves in one write; a comment goes
 * out once an interval; a client that takes nothing any more is dropped.
 *
 * It knows no events: what it is given is text in their form, whole events at a time.
 */
import type { OutgoingHttpHeaders } from 'node:http';
import { flushSoon } from '../flush-queue.js';
import { type CompressedWay, compress } from './compress.js';
import { type Beating, wheelOf } from './comment-wheel.js';
import { type HttpRequest, type HttpResponse, endConnectionAfter, whenClosed } from './http-message.js';

export interface EventStreamOwner {
  /** Everything was taken, after it had not been for a while. */
  drained(): void;
  /** Nothing is sent any more, exactly once: it has ended, or the client is gone. */
  closed(): void;
}

export interface EventStreamOptions {
  /** A comment is sent once in so long. */
  readonly heartbeatMs: number;
  /** Compresses what is sent, where the client accepts it. */
  readonly compression: boolean;
}

/**
 * Against proxies that keep, change or gather what goes through them. In lower case, as the headers that they
 * are to replace: `writeHead` sends names that differ in case twice.
 */
const HEADERS: OutgoingHttpHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
};

const HEARTBEAT = ':\n\n';

/** Intervals in which a client with something queued may take nothing. */
const MAX_STALLED_BEATS = 4;

export class EventStreamWriter implements Beating {
  private pending = '';
  private isOpen = false;
  private isBehind = false;
  private hasEnded = false;
  private isClosed = false;
  private stalledBeats = 0;
  private queuedAtBeat = 0;
  private compressed: CompressedWay | undefined;
  private stopBeating: (() => void) | undefined;

  constructor(
    private readonly request: HttpRequest,
    private readonly response: HttpResponse,
    private readonly owner: EventStreamOwner,
    private readonly options: EventStreamOptions,
  ) {
    whenClosed(request, response, () => this.close());
    // the `close` after it says all there is to say
    response.on('error', () => undefined);
  }

  /** Bytes given to `write` that the kernel has not taken yet; text counts by its characters. */
  get queuedBytes(): number {
    if (this.isClosed) return 0;
    return this.pending.length + (this.compressed?.queuedBytes ?? 0) + this.response.writableLength;
  }

  /** Sends status and headers (names in lower case), those set before included, with the first events. */
  open(status: number, headers: OutgoingHttpHeaders, start: string): void {
    if (this.isClosed) return;
    this.isOpen = true;
    const way = this.options.compression ? compress(this.request, this.response, this.taken) : undefined;
    this.compressed = way;
    const encoding = way && { 'content-encoding': way.encoding };
    this.response.writeHead(status, { ...headers, ...HEADERS, ...encoding });
    this.stopBeating = wheelOf(this.options.heartbeatMs).add(this);
    this.write(start);
  }

  write(text: string): void {
    if (this.isClosed || this.hasEnded) return;
    if (this.pending === '') flushSoon(this);
    this.pending += text;
  }

  flush(): void {
    const text = this.pending;
    this.pending = '';
    if (text === '' || this.isClosed || !this.isOpen) return;
    if (this.compressed) this.compressed.write(text);
    else this.response.write(text, this.taken);
    this.isBehind = this.queuedBytes > 0;
  }

  /** Sends what is queued, and ends. A client that does not take it is dropped in time. */
  end(): void {
    if (this.isClosed || this.hasEnded) return;
    this.flush();
    this.hasEnded = true;
    if (this.compressed) this.compressed.end();
    else this.response.end();
  }

  /** Ends, and the connection with it: the server goes away. */
  endForGood(): void {
    if (this.isClosed || this.hasEnded) return;
    endConnectionAfter(this.request, this.response);
    this.end();
  }

  /** Drops the client with all that is queued for it. */
  destroy(): void {
    this.response.destroy();
    this.close();
  }

  /** Called by the wheel. */
  beat(): void {
    const { queuedBytes } = this;
    const isStalled = queuedBytes > 0 && queuedBytes >= this.queuedAtBeat;
    this.stalledBeats = isStalled ? this.stalledBeats + 1 : 0;
    this.queuedAtBeat = queuedBytes;
    if (this.stalledBeats > MAX_STALLED_BEATS) return this.destroy();
    if (queuedBytes === 0) this.write(HEARTBEAT);
  }

  /** Not the response's `drain`: that does not come for less than its high-water mark, which is not ours. */
  private readonly taken = (): void => {
    if (!this.isBehind || this.isClosed || this.queuedBytes > 0) return;
    this.isBehind = false;
    this.owner.drained();
  };

  private close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.pending = '';
    this.stopBeating?.();
    this.compressed?.destroy();
    // one that was reset while it stalled is not freed by itself
    this.response.stream?.destroy();
    this.owner.closed();
  }
}
