import { type Figures, type Lane, LANES } from '../../lab/lab.protocol.js';
import { randomId } from '../random-id.js';
import { LaneClient } from './lane-client.js';
import { Ledger } from './ledger.js';
import { ServerClock } from './server-clock.js';

const FIGURES_MS = 1000;

export interface LaneState {
  readonly client: LaneClient;
  readonly ledger: Ledger;
}

/** Four clients that watch the same events, and what the server says they cost. */
export class Run {
  readonly lanes: ReadonlyMap<Lane, LaneState>;
  readonly clock = new ServerClock();
  private readonly id = randomId();
  private readonly timer: number;

  constructor(intervalMs: number) {
    const now = () => this.clock.now();
    this.lanes = new Map(
      LANES.map((lane) => [lane, { client: new LaneClient(lane, this.id, now), ledger: new Ledger() }]),
    );
    for (const { client } of this.lanes.values()) client.open(intervalMs);
    this.timer = window.setInterval(() => void this.readFigures(), FIGURES_MS);
    void this.readFigures();
  }

  setInterval(intervalMs: number): void {
    this.lanes.get('short-polling')?.client.open(intervalMs);
  }

  setRate(perSecond: number): Promise<void> {
    return this.post('rate', { perSecond });
  }

  cut(ms: number): Promise<void> {
    return this.post('break', { ms });
  }

  close(): void {
    window.clearInterval(this.timer);
    for (const { client } of this.lanes.values()) client.close();
  }

  private async readFigures(): Promise<void> {
    const askedAt = Date.now();
    try {
      const answer = await fetch(`/lab/runs/${this.id}/figures`);
      if (!answer.ok) return;
      const { now, costs } = (await answer.json()) as Figures;
      this.clock.set(now, askedAt);
      for (const [lane, { client, ledger }] of this.lanes) {
        const cost = costs[lane];
        if (cost) ledger.add(client.events, cost);
      }
    } catch {
      // The server is away: the next second asks again.
    }
  }

  private async post(path: string, body: object): Promise<void> {
    const headers = { 'Content-Type': 'application/json' };
    try {
      await fetch(`/lab/runs/${this.id}/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    } catch {
      // The server is away, and so is what there was to change.
    }
  }
}
