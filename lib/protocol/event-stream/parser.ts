/**
 * Reads `text/event-stream` as it comes, by the WHATWG text (HTML, "Server-sent events", §9.2.6), and holds
 * never more than one event of limited size.
 *
 * Theory of operation. Bytes become text at once (UTF-8 may be cut anywhere; a BOM at the start is dropped).
 * Each chunk is searched for line ends once; what follows the last one waits in `line`. An empty line
 * dispatches what the lines before it have said.
 */
import { EventTooLargeError } from './errors.js';

/** One event, as a page would get it. */
export interface ReceivedEvent {
  readonly event: string;
  readonly data: string;
  /** The last id that the server gave, with this event or one before it; empty: none. */
  readonly id: string;
}

export interface EventStreamReceiver {
  onEvent(event: ReceivedEvent): void;
  /** A comment: a sign of life. */
  onComment?(text: string): void;
  /** How long to wait before reconnecting, in ms. */
  onRetry?(ms: number): void;
  /** The last event id, when it was given with data or without. */
  onId?(id: string): void;
}

const DEFAULT_MAX_EVENT_CHARS = 1024 * 1024;

export class EventStreamParser {
  private readonly decoder = new TextDecoder();
  private line = '';
  private afterCarriageReturn = false;
  private event = '';
  private data: string[] = [];
  private pendingId = '';
  private lastId = '';
  private eventChars = 0;
  private failure: EventTooLargeError | undefined;

  /** @param maxEventChars of one event with its field names, or of one comment. Default 1 Mi */
  constructor(
    private readonly receiver: EventStreamReceiver,
    private readonly maxEventChars = DEFAULT_MAX_EVENT_CHARS,
  ) {}

  /** @throws EventTooLargeError, from then on at every call: the connection is of no more use */
  push(chunk: Uint8Array): void {
    if (this.failure) throw this.failure;
    this.read(this.decoder.decode(chunk, { stream: true }));
  }

  private read(text: string): void {
    let at = 0;
    // the LF of a CRLF that was cut in two
    if (this.afterCarriageReturn && text.startsWith('\n')) at = 1;
    if (text !== '') this.afterCarriageReturn = false;
    while (at < text.length) at = this.readLine(text, at);
  }

  private readLine(text: string, from: number): number {
    const end = lineEnd(text, from);
    const part = text.slice(from, end);
    const isWhole = end < text.length;
    this.count(part.length + (isWhole ? 1 : 0));
    this.line += part;
    if (!isWhole) return end;
    const line = this.line;
    this.line = '';
    this.take(line);
    if (text[end] === '\n') return end + 1;
    if (end + 1 === text.length) this.afterCarriageReturn = true;
    return text[end + 1] === '\n' ? end + 2 : end + 1;
  }

  private count(chars: number): void {
    this.eventChars += chars;
    if (this.eventChars <= this.maxEventChars) return;
    this.failure = new EventTooLargeError(this.maxEventChars);
    this.line = '';
    this.data = [];
    throw this.failure;
  }

  private take(line: string): void {
    if (line === '') return this.dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return this.comment(line.slice(1));
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1));
    this.field(field, value);
  }

  private comment(text: string): void {
    // heartbeats alone must not add up to an event
    this.eventChars -= text.length + 2;
    this.receiver.onComment?.(text);
  }

  private field(field: string, value: string): void {
    switch (field) {
      case 'event':
        this.event = value;
        return;
      case 'data':
        this.data.push(value);
        return;
      case 'id':
        if (!value.includes('\0')) this.pendingId = value;
        return;
      case 'retry':
        if (/^\d+$/.test(value)) this.receiver.onRetry?.(Number(value));
    }
  }

  private dispatch(): void {
    const { event, data } = this;
    this.event = '';
    this.data = [];
    this.eventChars = 0;
    if (this.pendingId !== this.lastId) {
      this.lastId = this.pendingId;
      this.receiver.onId?.(this.lastId);
    }
    if (data.length === 0) return;
    this.receiver.onEvent({ event: event || 'message', data: data.join('\n'), id: this.lastId });
  }
}

/** Where the line ends that goes through `from`: at a CR, a LF, or the end of the text. */
function lineEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 10 || code === 13) return at;
  }
  return text.length;
}
