/**
 * One request to an event stream's URL: what the client asked for, and how the method's result finds its way
 * from behind the interceptors to the answer in front of them.
 *
 * Theory of operation. The answer is made in an interceptor of ours, the outermost one; what the method
 * returned is read in a wrapper around it, the innermost place. In between are the application's
 * interceptors, and what they should see of an item is its data alone. So the rest of it (event, id, …) goes
 * past them: it lies in `note` while the item passes through.
 */
import type { Observable, Subscriber } from 'rxjs';
import type { StreamForm } from '../../protocol/polling/index.js';
import type { Outbound } from '../../session/index.js';
import { SseItem, type SseItemFields } from './sse-item.js';
import type { ReplayOptions, SseRequest } from './sse-options.js';

/** Of one item everything but its data. */
export type ItemNote = Omit<SseItemFields, 'data'>;

/** What is known when a stream begins. */
export interface Opening {
  /** Where a client stands before the first item. */
  readonly cursor?: string | undefined;
  /** Whether what follows the client's cursor is complete; undefined when it came without one. */
  readonly recovered?: boolean | undefined;
}

/** Makes the answer. */
export interface Answer {
  /** The method has returned a stream, which begins now. */
  opened(opening: Opening): void;
  /** Something that interceptors have no business with. */
  sendDirectly(fields: SseItemFields): void;
}

/** Finds the run that is shared under a key, or begins it. */
export type Share = (
  options: ReplayOptions,
  key: string,
  start: () => unknown,
) => Promise<{ follow(exchange: Exchange): Observable<unknown> }>;

export interface ExchangeRequest {
  /** As the platform knows it. */
  readonly platform: SseRequest;
  readonly form: StreamForm;
  /** Where the client wants to go on from. */
  readonly cursor: string | undefined;
  /** How long a poll waits for something new. */
  readonly waitMs: number;
}

export class Exchange {
  /** What is known of the item that passes through the interceptors right now. */
  note: ItemNote | undefined;
  /** The data of that item, if others are given the very same. */
  sharedData: unknown;
  /** Where the client stands after what it has been given; in streams with cursors only. */
  position: string | undefined;
  /** Set when the stream has ended: the cursor of those who have everything. */
  terminal: string | undefined;
  answer!: Answer;

  constructor(
    readonly request: ExchangeRequest,
    /** How far the client is behind. */
    readonly outbound: Outbound,
    readonly share: Share,
  ) {}

  /** Sends an item of the method's stream on its way. */
  emit(subscriber: Subscriber<unknown>, value: unknown): void {
    this.send(subscriber, value, {}, false);
  }

  /** As `emit`, of an item that all clients of a channel are given. */
  emitShared(subscriber: Subscriber<unknown>, value: unknown, given: ItemNote): void {
    this.send(subscriber, value, given, true);
  }

  private send(subscriber: Subscriber<unknown>, value: unknown, given: ItemNote, isShared: boolean): void {
    if (value instanceof SseItem) {
      const { data, ...note } = (value as SseItem).fields;
      if (data === undefined) return this.answer.sendDirectly({ ...note, ...given });
      return this.pass(subscriber, data, { ...note, ...given }, isShared);
    }
    this.pass(subscriber, value, given, isShared);
  }

  private pass(subscriber: Subscriber<unknown>, data: unknown, note: ItemNote, isShared: boolean): void {
    // an item may make its receiver emit another
    const outer = { note: this.note, sharedData: this.sharedData };
    this.note = note;
    this.sharedData = isShared ? data : undefined;
    subscriber.next(data);
    Object.assign(this, outer);
  }
}

const exchanges = new WeakMap<object, Exchange>();

const rawOf = (response: object): object => (response as { raw?: object }).raw ?? response;

export function rememberExchange(response: object, exchange: Exchange): void {
  exchanges.set(rawOf(response), exchange);
}

/** The exchange that belongs to a response, of the platform or of Node. */
export function exchangeOf(response: unknown): Exchange | undefined {
  return typeof response === 'object' && response !== null ? exchanges.get(rawOf(response)) : undefined;
}
