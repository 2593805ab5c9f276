import { type Cost } from '../../lab/lab.protocol.js';

interface Sample extends Cost {
  readonly events: number;
}

export interface PerEvent {
  readonly requests: number;
  readonly bytes: number;
}

/** One a second: so many seconds are looked at. */
const SAMPLES = 11;

/** What an event costs, from how much costs and events grew over the last samples. */
export class Ledger {
  private samples: Sample[] = [];

  add(events: number, cost: Cost): void {
    // The server was started again and counts from nothing.
    if (cost.requests < (this.samples.at(-1)?.requests ?? 0)) this.samples = [];
    this.samples.push({ ...cost, events });
    if (this.samples.length > SAMPLES) this.samples.shift();
  }

  /** @returns undefined until there was an event to divide by */
  get perEvent(): PerEvent | undefined {
    const [first] = this.samples;
    const last = this.samples.at(-1);
    if (!first || !last || last.events === first.events) return undefined;
    const events = last.events - first.events;
    const bytes = last.sentBytes + last.receivedBytes - first.sentBytes - first.receivedBytes;
    return { requests: (last.requests - first.requests) / events, bytes: bytes / events };
  }
}
