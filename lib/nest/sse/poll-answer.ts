/** An answer to a poll, as JSON: what there was when the stream, cut to what a poll is given, had ended. */
import type { HttpServer } from '@nestjs/common';
import type { Observable, Subscriber, Subscription } from 'rxjs';
import {
  CURSOR_HEADER,
  GAP_EVENT,
  type PollAnswer as PollBody,
  type PolledEvent,
  RECOVERED_HEADER,
} from '../../protocol/polling/index.js';
import { endConnectionAfter, whenClosed } from '../../transport/event-stream/index.js';
import type { Answer, Exchange, Opening } from './exchange.js';
import type { SseCall } from './sse-call.js';
import type { SseItemFields } from './sse-item.js';

export class PollAnswer implements Answer {
  private readonly events: PolledEvent[] = [];
  private recovered: boolean | undefined;
  private source: Subscription | undefined;
  private isOver = false;
  private readonly stopWatching: () => void;

  /** @param nest is told when the answer is out, or of an error instead of one */
  constructor(
    private readonly call: SseCall,
    private readonly exchange: Exchange,
    private readonly adapter: HttpServer,
    private readonly nest: Subscriber<unknown>,
  ) {
    this.stopWatching = whenClosed(call.request, call.response, () => this.finish());
  }

  begin(items: Observable<unknown>): void {
    this.source = items.subscribe({
      next: (data) => this.add({ ...this.exchange.note, data }),
      error: (error: unknown) => this.failed(error),
      complete: () => this.reply(),
    });
    if (this.isOver) this.source.unsubscribe();
  }

  opened({ recovered }: Opening): void {
    this.recovered = recovered;
  }

  /** Comments, and times to wait, are for streams. */
  sendDirectly(fields: SseItemFields): void {
    if (fields.event === GAP_EVENT) this.add(fields);
    if (fields.event === GAP_EVENT) this.recovered = false;
  }

  private add({ event = 'message', data = null, id }: SseItemFields): void {
    // an interceptor that delays an item separates it from its cursor
    this.events.push({ event, data, cursor: id ?? this.exchange.position ?? '' });
  }

  private failed(error: unknown): void {
    if (this.isOver) return;
    const last = this.events.at(-1);
    if (!last) return this.abandon(() => this.nest.error(error));
    // what came before it is told first; the next poll gets the error
    this.exchange.position = last.cursor;
    this.exchange.terminal = undefined;
    this.reply();
  }

  private reply(retryMs?: number): void {
    if (this.isOver) return;
    const { request, terminal } = this.exchange;
    const cursor = terminal ?? this.exchange.position ?? request.cursor ?? '';
    const isNews = request.cursor === undefined || this.events.length > 0 || terminal || retryMs;
    this.setHeaders(isNews ? undefined : cursor);
    const body: PollBody = {
      events: this.events,
      cursor,
      ...(terminal !== undefined && { done: true }),
      ...(retryMs !== undefined && { retryMs }),
    };
    this.send(isNews ? body : undefined, isNews ? this.call.status : 204);
  }

  private setHeaders(cursor: string | undefined): void {
    const headers = {
      'Cache-Control': 'no-store, no-transform',
      Vary: this.call.vary,
      [RECOVERED_HEADER]: this.recovered === undefined ? undefined : String(this.recovered),
      [CURSOR_HEADER]: cursor,
    };
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined) this.call.setHeader(name, value);
    }
  }

  private send(body: unknown, status: number): void {
    try {
      this.adapter.reply(this.call.platformResponse, body, status);
      this.finish();
    } catch (error) {
      // an item that is no JSON
      this.abandon(() => this.nest.error(error));
    }
  }

  /** The server goes away: what there is, and when to come back. */
  shutDown(retryMs: number): void {
    if (this.isOver) return;
    endConnectionAfter(this.call.request, this.call.response);
    this.reply(retryMs);
  }

  cutOff(): void {
    this.call.response.destroy();
  }

  private abandon(tell: () => void): void {
    this.isOver = true;
    this.stopWatching();
    this.source?.unsubscribe();
    tell();
  }

  private finish(): void {
    if (this.isOver) return;
    this.abandon(() => {
      // an answer without a value would be an error to Nest
      this.nest.next(undefined);
      this.nest.complete();
    });
  }

  /** Nest has lost interest: the client is gone. */
  stop(): void {
    if (!this.isOver) this.abandon(() => undefined);
  }
}
