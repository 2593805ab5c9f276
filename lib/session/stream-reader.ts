/**
 * Reads a handler's stream on behalf of one request. An Observable pushes, its overflow policy is the
 * outlet's; an async iterable is pulled, and only while the client keeps up.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { type Observable, type Subscription, from, isObservable, takeWhile } from 'rxjs';
import type { DrainWaiter, Outbound } from './outbound.js';
import type { StreamSource } from './result.js';

/** Who gets the items. After `completed` or `failed`, or after `stop`, nothing is called any more. */
export interface StreamSink {
  /** May throw, which fails the stream. */
  item(value: unknown): void;
  completed(): void;
  failed(error: unknown): void;
}

export interface StreamReader {
  /** Begins. May call the sink before it returns. */
  start(): void;
  /** Runs the source's teardown. Errors of the teardown go to `report`. */
  stop(): void;
}

export function readStream(
  source: StreamSource,
  sink: StreamSink,
  outbound: Outbound,
  report: (error: unknown) => void,
): StreamReader {
  return isObservable(source)
    ? new ObservableReader(source, sink, report)
    : new IterableReader(source, sink, outbound, report);
}

class ObservableReader implements StreamReader {
  private subscription: Subscription | undefined;
  private done = false;

  constructor(
    private readonly source: Observable<unknown>,
    private readonly sink: StreamSink,
    private readonly report: (error: unknown) => void,
  ) {}

  start(): void {
    const subscription = from(this.source)
      // stops a source that goes on emitting before `subscribe` has returned
      .pipe(takeWhile(() => !this.done))
      .subscribe({
        next: (value) => this.next(value),
        error: (error: unknown) => this.end(() => this.sink.failed(error)),
        complete: () => this.end(() => this.sink.completed()),
      });
    this.subscription = subscription;
    if (this.done) this.teardown();
  }

  /** RxJS would throw what a listener throws out of a timer, where it ends the process. */
  private next(value: unknown): void {
    try {
      this.sink.item(value);
    } catch (error) {
      this.end(() => this.sink.failed(error));
      this.teardown();
    }
  }

  private end(tell: () => void): void {
    if (this.done) return;
    this.done = true;
    tell();
  }

  stop(): void {
    this.done = true;
    this.teardown();
  }

  private teardown(): void {
    try {
      this.subscription?.unsubscribe();
    } catch (error) {
      this.report(error);
    }
  }
}

/** Of an async iterable, between two turns of the event loop. */
const ITEMS_A_TURN = 64;

class IterableReader implements StreamReader, DrainWaiter {
  private iterator: AsyncIterator<unknown, unknown> | undefined;
  private stopped = false;
  private resume: (() => void) | undefined;

  constructor(
    private readonly source: AsyncIterable<unknown>,
    private readonly sink: StreamSink,
    private readonly outbound: Outbound,
    private readonly report: (error: unknown) => void,
  ) {}

  start(): void {
    this.pull().then(
      () => this.stopped || this.sink.completed(),
      (error: unknown) => this.stopped || this.fail(error),
    );
  }

  private async pull(): Promise<void> {
    this.iterator = this.source[Symbol.asyncIterator]();
    for (let items = 1; !this.stopped; items++) {
      if (this.outbound.isSlow) await this.drained();
      // a source that never waits, while the kernel takes everything, would keep all else from having a turn: other
      // clients, and the news that this one is gone
      if (items % ITEMS_A_TURN === 0) await turn();
      const result = await this.iterator.next();
      if (result.done === true || this.stopped) return;
      this.sink.item(result.value);
    }
  }

  private drained(): Promise<void> {
    return new Promise((resolve) => {
      this.resume = resolve;
      this.outbound.whenDrained(this);
    });
  }

  release(): void {
    this.resume?.();
  }

  private fail(error: unknown): void {
    this.stop();
    this.sink.failed(error);
  }

  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    this.resume?.();
    this.close().catch(this.report);
  }

  private async close(): Promise<void> {
    await this.iterator?.return?.();
  }
}
