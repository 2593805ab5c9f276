/**
 * A channel as the result of an endpoint: what the client missed, then what is published. A poll gets what
 * there is, or waits for the next publication and gets those of the same tick with it.
 */
import { NotAcceptableException } from '@nestjs/common';
import { Observable, type Subscriber, type Subscription } from 'rxjs';
import {
  type Channel,
  ChannelGapError,
  type ChannelReplay,
  type Publication,
  formatCursor,
} from '../../channel/index.js';
import { GAP_EVENT } from '../../protocol/polling/index.js';
import type { Exchange, ItemNote } from './exchange.js';

/** How publications become items. */
export interface ChannelReading<T> {
  /** Where a client without a cursor begins: with what is kept, or (undefined) from now on. */
  readonly begin: 'start' | undefined;
  /** Nothing will be published any more: who has everything is at the end. */
  readonly hasEnded: () => boolean;
  /** Ends the stream. */
  readonly end: (cursor: string, subscriber: Subscriber<unknown>) => void;
  /** Emits the item; may end the stream. */
  readonly read: (data: T, note: ItemNote, subscriber: Subscriber<unknown>) => void;
}

export function feedChannel<T>(
  exchange: Exchange,
  channel: Channel<T>,
  reading: ChannelReading<T>,
): Observable<unknown> {
  return new Observable((subscriber) => {
    const feed = new ChannelFeed(exchange, channel, reading, subscriber);
    feed.start().catch((error: unknown) => subscriber.error(error));
    return () => feed.stop();
  });
}

/** The data as it is, under the channel's event. */
export function readPublications(exchange: Exchange, channel: Channel): ChannelReading<unknown> {
  const { event } = channel;
  return {
    begin: undefined,
    hasEnded: () => false,
    end: (_, subscriber) => subscriber.complete(),
    read: (data, note, subscriber) => exchange.emitShared(subscriber, data, { event, ...note }),
  };
}

/** Gaps in a row, without anything in between, after which a channel is given up. */
const MAX_GAPS_IN_A_ROW = 3;

class ChannelFeed<T> {
  private live: Subscription | undefined;
  private timer: NodeJS.Timeout | undefined;
  private gaps = 0;

  constructor(
    private readonly exchange: Exchange,
    private readonly channel: Channel<T>,
    private readonly reading: ChannelReading<T>,
    private readonly subscriber: Subscriber<unknown>,
  ) {}

  async start(): Promise<void> {
    const { cursor } = this.exchange.request;
    const from = cursor ?? this.reading.begin;
    // asked before: what ends meanwhile is yet to be delivered
    const hasEnded = this.reading.hasEnded();
    const replay = await this.channel.replay(from === undefined ? {} : { from });
    if (this.subscriber.closed) return;
    if (!replay) return this.startWithoutHistory(cursor !== undefined);
    const isEmpty = replay.publications.length === 0;
    this.exchange.answer.opened({
      cursor: isEmpty ? replay.cursor : undefined,
      recovered: cursor === undefined ? undefined : replay.recovered,
    });
    const reached = await this.catchUp(replay);
    if (hasEnded && isEmpty) this.reading.end(reached, this.subscriber);
    if (this.subscriber.closed) return;
    if (this.exchange.request.form === 'event-stream') return this.follow(reached);
    // who has no cursor yet is told where it stands at once
    if (cursor === undefined || !isEmpty || !replay.recovered) return this.subscriber.complete();
    this.wait(replay.cursor);
  }

  private startWithoutHistory(isAsked: boolean): void {
    if (this.exchange.request.form === 'json') {
      throw new NotAcceptableException(`channel "${this.channel.name}" keeps no history to poll from`);
    }
    this.exchange.answer.opened({ recovered: isAsked ? false : undefined });
    if (isAsked) this.tellGap(undefined);
    this.follow(undefined);
  }

  /**
   * What was missed goes out as fast as the client takes it: all at once may be more than may be queued for it,
   * and it would be cut off again and again. So what is published while it is waited for is read from the history.
   * @returns where it has got to
   */
  private async catchUp(replay: ChannelReplay<T>): Promise<string> {
    const hasWaited = await this.replay(replay);
    if (!hasWaited || this.subscriber.closed) return replay.cursor;
    const next = await this.channel.replay({ from: replay.cursor });
    // it has kept a history before
    return this.catchUp(next!);
  }

  /** @returns whether the client had to be waited for */
  private async replay({ recovered, publications, cursor }: ChannelReplay<T>): Promise<boolean> {
    let hasWaited = false;
    if (!recovered) this.tellGap(cursor);
    for (const publication of publications) {
      if (this.exchange.outbound.isSlow) {
        hasWaited = true;
        await this.drained();
      }
      if (this.subscriber.closed) break;
      this.pass(publication);
    }
    this.exchange.position ??= cursor;
    return hasWaited;
  }

  private drained(): Promise<void> {
    const { outbound } = this.exchange;
    return new Promise((resolve) => outbound.whenDrained({ release: () => resolve() }));
  }

  private tellGap(position: string | undefined): void {
    this.exchange.position = position;
    const data = { recovered: false, cursor: position };
    this.exchange.answer.sendDirectly({ event: GAP_EVENT, data, ...(position && { id: position }) });
  }

  private pass({ data, cursor }: Publication<T>): void {
    this.gaps = 0;
    this.exchange.position = cursor;
    this.reading.read(data, cursor === undefined ? {} : { id: cursor }, this.subscriber);
  }

  private follow(from: string | undefined): void {
    this.live?.unsubscribe();
    this.live = this.channel.publications(from === undefined ? {} : { from }).subscribe({
      next: (publication) => this.pass(publication),
      error: (error: unknown) => this.failed(error),
    });
    if (this.subscriber.closed) this.stop();
  }

  private failed(error: unknown): void {
    if (!(error instanceof ChannelGapError) || ++this.gaps > MAX_GAPS_IN_A_ROW) {
      return this.subscriber.error(error);
    }
    const position = formatCursor(error.position);
    this.tellGap(position);
    if (this.exchange.request.form === 'event-stream') this.follow(position);
    else this.subscriber.complete();
  }

  /** Until something is published, or for as long as the client wants to wait. */
  private wait(from: string): void {
    const { waitMs } = this.exchange.request;
    if (waitMs <= 0) return this.subscriber.complete();
    this.timer = setTimeout(() => this.subscriber.complete(), waitMs);
    this.live = this.channel.publications({ from }).subscribe({
      next: (publication) => {
        this.pass(publication);
        setImmediate(() => this.subscriber.complete());
      },
      error: (error: unknown) => this.failed(error),
    });
  }

  stop(): void {
    this.live?.unsubscribe();
    clearTimeout(this.timer);
  }
}
