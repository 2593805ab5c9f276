/** Events as `text/event-stream`, by the WHATWG text (HTML, "Server-sent events", §9.2.6). */
import { InvalidEventError } from './errors.js';

/** What may be said of one event. Without `data` a client changes its state, but tells the page nothing. */
export interface EventFields {
  /** Under which a page listens. Default `message`. No line breaks. */
  readonly event?: string;
  /** Comes back as `Last-Event-ID`. No line breaks, no NUL; empty: forgets the one before. */
  readonly id?: string;
  /** Any text; a line break of any kind arrives as LF. */
  readonly data?: string;
  /** How long a client waits before it reconnects, in ms: an integer of at least 0. */
  readonly retry?: number;
  /** Any text; clients skip it. */
  readonly comment?: string;
}

/** That of events which name none. */
const DEFAULT_EVENT = 'message';

/** @throws InvalidEventError; nothing that could be taken for another event is ever written */
export function serializeEvent(fields: EventFields): string {
  checkEvent(fields);
  const { comment, event, id, retry, data } = fields;
  let text = comment === undefined ? '' : lines(':', comment);
  if (event !== undefined && event !== DEFAULT_EVENT) text += `event: ${event}\n`;
  if (id !== undefined) text += `id: ${id}\n`;
  if (retry !== undefined) text += `retry: ${retry}\n`;
  if (data !== undefined) text += lines('data:', data);
  return `${text}\n`;
}

/** @throws InvalidEventError */
export function checkEvent({ event, id, retry }: Omit<EventFields, 'data'>): void {
  if (event !== undefined) checkText('event', event);
  if (id !== undefined) checkText('id', id);
  if (retry !== undefined && !(Number.isSafeInteger(retry) && retry >= 0)) {
    throw new InvalidEventError(`retry must be an integer of at least 0, not ${String(retry)}`);
  }
}

// A NUL makes clients ignore the whole id: then they would resume from an older one
const FORBIDDEN = /[\r\n\0]/;
const MAX_QUOTED_CHARS = 64;

function checkText(field: string, text: unknown): void {
  if (typeof text !== 'string') throw new InvalidEventError(`${field} must be a string, not ${typeof text}`);
  if (!FORBIDDEN.test(text)) return;
  const quoted = JSON.stringify(text.slice(0, MAX_QUOTED_CHARS));
  throw new InvalidEventError(`${field} must be one line without NUL, not ${quoted}`);
}

/** A field for each line of the text: CR, LF and CRLF all end one. */
function lines(field: string, text: string): string {
  // JSON, the usual case, never has a line break
  if (!text.includes('\n') && !text.includes('\r')) return `${field} ${text}\n`;
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => `${field} ${line}\n`)
    .join('');
}
