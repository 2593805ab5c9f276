/**
 * One run of a method whose stream is shared by all who ask for the same key. It is read whether or not
 * anybody follows; what came is kept in a channel of its own, in the memory of this process.
 */
import { Observable, type Subscriber } from 'rxjs';
import { MemoryBroker } from '../../broker/memory/index.js';
import { type Channel, Channels, parseCursor } from '../../channel/index.js';
import { terminalCursor } from '../../protocol/polling/index.js';
import {
  DEFAULT_LIMITS,
  Outbound,
  type StreamReader,
  type StreamSource,
  isStream,
  readStream,
} from '../../session/index.js';
import { logError } from '../pipeline/explain.js';
import { feedChannel } from './channel-feed.js';
import { InvalidSseResultError } from './errors.js';
import type { Exchange, ItemNote } from './exchange.js';
import { SseItem, type SseItemFields, sse } from './sse-item.js';
import type { ReplayOptions } from './sse-options.js';

/** An item as it is kept; the last one only says that no more will come. */
interface KeptItem extends SseItemFields {
  readonly isEnd?: true;
}

const DEFAULT_SIZE = 100;
const DEFAULT_BYTES = 1024 * 1024;
const END_BYTES = 16;

export class ReplayRun {
  /** Settled when the method has returned its stream, or failed to. */
  readonly started: Promise<void>;
  /** When somebody last followed it. */
  usedAt = performance.now();
  hasEnded = false;
  private followers = 0;
  private failure: { readonly error: unknown } | undefined;
  private reader: StreamReader | undefined;
  private isStopped = false;
  private readonly channel: Channel<KeptItem>;

  constructor(
    run: () => unknown,
    { size = DEFAULT_SIZE, bytes = DEFAULT_BYTES }: ReplayOptions['history'] & {},
  ) {
    const history = { size: size + 1, bytes: bytes + END_BYTES };
    this.channel = new Channels(new MemoryBroker()).channel('run', { history });
    this.started = this.start(run);
  }

  get isFollowed(): boolean {
    return this.followers > 0;
  }

  private async start(run: () => unknown): Promise<void> {
    const source = await run();
    if (!isStream(source)) {
      throw new InvalidSseResultError('with "replay" a method must return an Observable or an AsyncIterable');
    }
    // who caused the run follows it from its first item
    setImmediate(() => this.read(source));
  }

  private read(source: StreamSource): void {
    if (this.isStopped) return;
    const sink = {
      item: (value: unknown) => this.keep(keptItem(value)),
      completed: () => this.end(undefined),
      failed: (error: unknown) => this.end({ error }),
    };
    // nobody's slowness holds a shared run back
    const unheld = new Outbound(DEFAULT_LIMITS, { outboundOverflowed: () => undefined });
    const report = (error: unknown): void => logError(error, 'the teardown of an event stream');
    this.reader = readStream(source, sink, unheld, report);
    this.reader.start();
  }

  private keep(item: KeptItem): void {
    if (this.hasEnded) return;
    this.channel.publish(item).catch((error: unknown) => {
      this.reader?.stop();
      this.end({ error });
    });
  }

  private end(failure: { readonly error: unknown } | undefined): void {
    if (this.hasEnded) return;
    this.failure = failure;
    this.keep({ isEnd: true });
    this.hasEnded = true;
  }

  /** What a client gets of it: from the beginning of what is kept, or from its cursor. */
  follow(exchange: Exchange): Observable<unknown> {
    const feed = feedChannel(exchange, this.channel, {
      begin: 'start',
      hasEnded: () => this.hasEnded,
      end: (cursor, subscriber) => this.finish(exchange, cursor, subscriber),
      read: (item, note, subscriber) => this.give(exchange, item, note, subscriber),
    });
    return new Observable((subscriber) => {
      this.followers++;
      const subscription = feed.subscribe(subscriber);
      return () => {
        subscription.unsubscribe();
        this.followers--;
        this.usedAt = performance.now();
      };
    });
  }

  private give(exchange: Exchange, item: KeptItem, note: ItemNote, subscriber: Subscriber<unknown>): void {
    const { isEnd, ...fields } = item;
    if (!isEnd) return exchange.emitShared(subscriber, sse(fields), note);
    this.finish(exchange, note.id!, subscriber);
  }

  private finish(exchange: Exchange, cursor: string, subscriber: Subscriber<unknown>): void {
    exchange.terminal = terminalCursor(parseCursor(cursor)?.epoch);
    if (this.failure) subscriber.error(this.failure.error);
    else subscriber.complete();
  }

  /** Ends the source, if it has not ended. */
  stop(): void {
    this.isStopped = true;
    this.reader?.stop();
  }
}

/** Its cursors are its ids. */
function keptItem(value: unknown): KeptItem {
  if (!(value instanceof SseItem)) return { data: value ?? null };
  const fields: SseItemFields & { id?: string } = { ...(value as SseItem).fields };
  delete fields.id;
  return fields;
}
