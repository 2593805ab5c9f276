/**
 * An answer as `text/event-stream`. Status and headers wait until the stream has said something, or a turn
 * of the event loop after it began: an error that comes at once is an ordinary HTTP answer.
 */
import type { OutgoingHttpHeaders } from 'node:http';
import type { Observable, Subscriber, Subscription } from 'rxjs';
import type { ExceptionData } from '../../protocol/envelope/index.js';
import { serializeEvent } from '../../protocol/event-stream/index.js';
import { DONE_EVENT, ERROR_EVENT, RECOVERED_HEADER, terminalCursor } from '../../protocol/polling/index.js';
import {
  type Outlet,
  type Overflow,
  type SessionTransport,
  createOutlet,
  notEncodable,
  tooSlow,
} from '../../session/index.js';
import { EventStreamWriter } from '../../transport/event-stream/index.js';
import { logError } from '../pipeline/explain.js';
import { recordAnswer } from './answer-recorder.js';
import type { Answer, Exchange, ItemNote, Opening } from './exchange.js';
import { explainLate } from './late-error.js';
import type { SseCall } from './sse-call.js';
import { type SseItemFields, sharedTextOf, textOf } from './sse-item.js';

export interface StreamAnswerOptions {
  readonly heartbeatMs: number;
  readonly retryMs: number;
  readonly compression: boolean;
  readonly overflow: Overflow;
}

export class StreamAnswer implements Answer {
  private readonly writer: EventStreamWriter;
  private readonly outlet: Outlet;
  private source: Subscription | undefined;
  private opening: Opening | undefined;
  private state: 'waiting' | 'open' | 'ending' | 'over' = 'waiting';

  /** @param nest is told when the response is over, or of an error that is no event */
  constructor(
    private readonly call: SseCall,
    private readonly exchange: Exchange,
    private readonly options: StreamAnswerOptions,
    private readonly nest: Subscriber<unknown>,
  ) {
    const owner = { drained: () => exchange.outbound.drained(), closed: () => this.closed() };
    this.writer = new EventStreamWriter(call.request, call.response, owner, options);
    this.outlet = createOutlet(exchange.outbound, options.overflow, () => this.overflowed());
  }

  begin(items: Observable<unknown>): void {
    this.source = items.subscribe({
      next: (data) => this.item(data),
      error: (error: unknown) => this.failed(error),
      complete: () => this.completed(),
    });
    if (this.state === 'ending' || this.state === 'over') this.source.unsubscribe();
  }

  opened(opening: Opening): void {
    this.opening = opening;
    setImmediate(() => this.commit());
  }

  private item(data: unknown): void {
    const { note, sharedData } = this.exchange;
    this.write(note, data ?? null, data === sharedData);
  }

  sendDirectly({ data, ...note }: SseItemFields): void {
    this.write(note, data, false);
  }

  /** What interceptors left as it was is made into text once for all clients. */
  private write(note: ItemNote | undefined, data: unknown, isShared: boolean): void {
    try {
      const text = isShared ? sharedTextOf(data) : textOf(data);
      const event = serializeEvent(data === undefined ? { ...note } : { ...note, data: text });
      this.commit();
      this.outlet.send(event);
    } catch (error) {
      this.source?.unsubscribe();
      this.failed(error);
    }
  }

  private commit(): void {
    if (this.state !== 'waiting') return;
    this.state = 'open';
    const { cursor, recovered } = this.opening ?? {};
    const headers: OutgoingHttpHeaders = this.call.takeOver();
    if (recovered !== undefined) headers[RECOVERED_HEADER] = String(recovered);
    const start = serializeEvent({
      retry: this.options.retryMs,
      ...(cursor !== undefined && { id: cursor }),
    });
    this.writer.open(this.call.status, headers, start);
    this.exchange.outbound.open(wayOut(this.writer));
  }

  private completed(): void {
    if (this.isEnding) return;
    this.commit();
    const id = this.exchange.terminal ?? terminalCursor();
    this.end(serializeEvent({ event: DONE_EVENT, id, data: '{}' }));
  }

  private failed(error: unknown): void {
    if (this.isEnding) return;
    if (this.state === 'waiting') {
      this.state = 'over';
      this.exchange.outbound.end();
      return this.nest.error(error);
    }
    this.state = 'ending';
    this.writer.flush();
    recordAnswer(this.call.platformResponse, (answer) => this.tell(explainLate(error, answer)));
    this.nest.error(error);
  }

  private tell(data: ExceptionData): void {
    const { terminal } = this.exchange;
    const text = inJson(data);
    this.end(
      serializeEvent({ event: ERROR_EVENT, data: text, ...(terminal !== undefined && { id: terminal }) }),
    );
  }

  /** By the policy `error`: the one event that says so, and the end. */
  private overflowed(): void {
    this.source?.unsubscribe();
    this.tell(tooSlow('the stream'));
  }

  /** The server goes away: the client comes back later. */
  shutDown(retryMs: number): void {
    if (this.isEnding) return;
    this.commit();
    this.source?.unsubscribe();
    this.sendLast(serializeEvent({ retry: retryMs }));
    this.writer.endForGood();
  }

  private end(last: string): void {
    this.sendLast(last);
    this.writer.end();
  }

  private sendLast(last: string): void {
    this.state = 'ending';
    this.outlet.release(true);
    this.exchange.outbound.sendBeyondLimit(last);
    this.exchange.outbound.end();
  }

  private get isEnding(): boolean {
    return this.state === 'ending' || this.state === 'over';
  }

  /** Drops a client that is too far behind. */
  cutOff(): void {
    this.writer.destroy();
  }

  private closed(): void {
    if (this.state === 'over') return;
    this.state = 'over';
    this.source?.unsubscribe();
    this.exchange.outbound.end();
    // an answer without a value would be an error to Nest
    this.nest.next(undefined);
    this.nest.complete();
  }

  /** Nest has lost interest: the client is gone. */
  stop(): void {
    if (this.isEnding) return;
    this.source?.unsubscribe();
    this.writer.destroy();
  }
}

/** What an application says of a failure may be no JSON itself; the client has to be told all the same. */
function inJson(data: ExceptionData): string {
  try {
    return JSON.stringify(data);
  } catch (error) {
    logError(error, 'telling a client of an exception');
    return JSON.stringify(notEncodable('an exception', 'json'));
  }
}

function wayOut(writer: EventStreamWriter): SessionTransport {
  const end = (): void => writer.end();
  const destroy = (): void => writer.destroy();
  const ignore = (): void => undefined;
  return {
    kind: 'event-stream',
    get queuedBytes() {
      return writer.queuedBytes;
    },
    send: (text) => writer.write(text as string),
    pause: ignore,
    resume: ignore,
    close: end,
    cutOff: destroy,
    terminate: destroy,
  };
}
