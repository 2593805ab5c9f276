/** Carries a session by an event stream (WIRE §6): each message is an event, whose data is the envelope. */
import { serializeEvent } from '../../protocol/event-stream/index.js';
import type { Outgoing, SessionTransport, TransportEvents } from '../../session/index.js';
import { farewell } from '../farewell.js';
import { ReadingGate } from '../reading-gate.js';
import { textOf } from '../text-of.js';
import { type EventStreamOptions, type EventStreamOwner, EventStreamWriter } from './event-stream-writer.js';
import type { HttpRequest, HttpResponse } from './http-message.js';

export interface StreamTransportOptions extends EventStreamOptions {
  /** How long a closed stream waits for the client to take what is queued. */
  readonly closeWaitMs: number;
}

export class StreamTransport implements SessionTransport, EventStreamOwner {
  readonly kind = 'event-stream';
  readonly gate = new ReadingGate();
  private readonly writer: EventStreamWriter;
  private ending = { code: 1006, reason: '', clean: false };
  private isClosing = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    request: HttpRequest,
    response: HttpResponse,
    private readonly events: TransportEvents,
    private readonly options: StreamTransportOptions,
  ) {
    this.writer = new EventStreamWriter(request, response, this, options);
    this.writer.open(200, {}, '');
  }

  get queuedBytes(): number {
    return this.writer.queuedBytes;
  }

  send(message: Outgoing): void {
    if (!this.isClosing) this.writer.write(serializeEvent({ data: textOf(message) }));
  }

  pause(): void {
    this.gate.close();
  }

  resume(): void {
    this.gate.open();
  }

  close(code: number, reason: string): void {
    const { text: data, retryMs: retry } = farewell(code, reason);
    if (this.isClosing) return;
    this.isClosing = true;
    this.writer.write(serializeEvent(retry === undefined ? { data } : { data, retry }));
    this.ending = { code, reason, clean: true };
    this.timer = setTimeout(() => {
      this.ending = { code, reason, clean: false };
      this.writer.destroy();
    }, this.options.closeWaitMs);
    if (retry === undefined) this.writer.end();
    else this.writer.endForGood();
  }

  /** What an answer has queued can't be taken back but with its connection: the client sees it break off. */
  cutOff(code: number, reason: string): void {
    if (this.isClosing) return;
    this.isClosing = true;
    this.ending = { code, reason, clean: false };
    this.writer.destroy();
  }

  terminate(): void {
    this.isClosing = true;
    this.ending = { code: 1006, reason: '', clean: false };
    this.writer.destroy();
  }

  /** The client says goodbye. */
  leave(): void {
    this.ending = { code: 1000, reason: '', clean: true };
    this.writer.destroy();
  }

  drained(): void {
    this.events.drained();
  }

  closed(): void {
    clearTimeout(this.timer);
    this.gate.open();
    const { code, reason, clean } = this.ending;
    this.events.closed(code, reason, clean);
  }
}
