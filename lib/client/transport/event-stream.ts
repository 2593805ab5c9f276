import { EventStreamParser } from '../../protocol/event-stream/index.js';
import { type CarriedMessage, type Fetch, HttpSession } from './http-session.js';
import { HttpTransport } from './http-transport.js';
import { chunksOf } from './chunks.js';
import type { OpenTransport } from './transport.js';

/** Two comments of the server that did not come: it is gone, or something between gathers what it sends. */
const SILENCE_MS = 35_000;

/** Messages come as events of one endless answer, and go as POSTs. */
export function eventStreamTransport(fetch: Fetch): OpenTransport {
  return (ticket, events) => new EventStreamTransport(new HttpSession(ticket, fetch), events);
}

class EventStreamTransport extends HttpTransport {
  readonly kind = 'event-stream';
  private silence: ReturnType<typeof setTimeout> | undefined;

  protected override async read(): Promise<void> {
    const response = await this.session.stream();
    this.opened();
    const parser = new EventStreamParser({
      onEvent: ({ data }) => this.receive(JSON.parse(data) as CarriedMessage),
    });
    try {
      for await (const chunk of chunksOf(response)) {
        if (!this.isRunning) return;
        this.watch();
        parser.push(chunk);
      }
    } finally {
      clearTimeout(this.silence);
    }
  }

  private watch(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.session.abort(), SILENCE_MS);
  }
}
