import { type EventFields, checkEvent } from '../../protocol/event-stream/index.js';

/** What may be said of one item of an event stream. */
export interface SseItemFields<T = unknown> extends Omit<EventFields, 'data'> {
  /** A string as it is, anything else as JSON. Without data the page is told nothing. */
  readonly data?: T;
}

/** One item with more than its data. Made by `sse()`. */
export class SseItem<T = unknown> {
  /** @internal */
  constructor(readonly fields: SseItemFields<T>) {
    checkEvent(fields);
  }
}

/**
 * An item of an event stream with an event name, an id, a time to wait before reconnecting (ms) or a comment.
 * In a stream with cursors the id is the cursor, whatever is given here.
 * @throws InvalidEventError for a line break or NUL in `event` or `id`, or a `retry` that is no time
 */
export function sse<T>(fields: SseItemFields<T>): SseItem<T> {
  return new SseItem(fields);
}

/** As it stands in a `data` field. */
export function textOf(data: unknown): string {
  return typeof data === 'string' ? data : (JSON.stringify(data) ?? 'null');
}

const sharedTexts = new WeakMap<object, string>();

/** The same, made once, for data that many clients are given and that nobody changes. */
export function sharedTextOf(data: unknown): string {
  if (typeof data !== 'object' || data === null) return textOf(data);
  let text = sharedTexts.get(data);
  if (text === undefined) sharedTexts.set(data, (text = textOf(data)));
  return text;
}
