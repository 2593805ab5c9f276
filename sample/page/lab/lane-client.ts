import { type Client, connect } from 'nestwire/client';
import { type Subscription } from 'rxjs';
import { LabProtocol, type Lane, type Tick } from '../../lab/lab.protocol.js';

/** A point of the chart: an event that came at `at`, `ms` after it happened. */
export interface Arrival {
  readonly at: number;
  readonly ms: number;
}

const KEPT_MS = 60_000;
const BACK_OFF = { minMs: 200, maxMs: 1000 };

/** A client that is held to one transport, and what came over it. */
export class LaneClient {
  readonly arrivals: Arrival[] = [];
  events = 0;
  missed = 0;
  private client: Client<typeof LabProtocol> | undefined;
  private watching: Subscription | undefined;
  private last: number | undefined;

  /** @param serverNow the server's clock */
  constructor(
    readonly lane: Lane,
    private readonly run: string,
    private readonly serverNow: () => number,
  ) {}

  get state(): Client['status']['state'] {
    return this.client?.status.state ?? 'closed';
  }

  open(intervalMs: number): void {
    this.close();
    this.client = connect(`/lab?run=${this.run}&lane=${this.lane}`, {
      protocol: LabProtocol,
      transports: [this.lane],
      polling: { intervalMs, hiddenIntervalMs: intervalMs },
      backOff: BACK_OFF,
    });
    this.watch(this.client);
  }

  close(): void {
    this.watching?.unsubscribe();
    this.client?.close();
    this.last = undefined;
  }

  private watch(client: Client<typeof LabProtocol>): void {
    this.watching = client.stream('watch', { run: this.run }).subscribe({
      next: (tick) => this.receive(tick),
      // the session is lost, with the server for instance: what follows is another stream
      error: () => this.watchAgain(client),
    });
  }

  private watchAgain(client: Client<typeof LabProtocol>): void {
    this.last = undefined;
    if (client === this.client && client.status.state !== 'closed') setTimeout(() => this.watch(client), 100);
  }

  private receive({ n, at }: Tick): void {
    const now = this.serverNow();
    if (this.last !== undefined) this.missed += n - this.last - 1;
    this.last = n;
    this.events++;
    this.arrivals.push({ at: now, ms: Math.max(0, now - at) });
    while (this.arrivals[0] && this.arrivals[0].at < now - KEPT_MS) this.arrivals.shift();
  }
}
