/**
 * A well-behaved client on the server that is being attacked. It echoes one message after the other and
 * notes how long each took: what happens to other connections must not reach it. "How long" is the processor
 * time that this thread spent meanwhile, server and attackers together: that is what an attack costs, and
 * it stays the same when the machine is busy with something else.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { processorMs } from './processor-time.js';
import { pong, text } from './raw-peer-frames.js';
import { type Received, inWords } from './raw-peer-reader.js';
import type { RawPeer } from './raw-peer.js';

/** Far above what a healthy server needs; far below what a blocked one takes. */
export const SLOWEST_P99_MS = 400;

export class Bystander {
  private readonly latenciesMs: number[] = [];
  private running = true;
  /** Counts what began or ended that is not the server's doing. */
  private disturbances = 0;
  private readonly echoing: Promise<void>;

  constructor(private readonly peer: RawPeer) {
    this.echoing = this.run();
    // Looked at in `stop`; until then a failure is not unhandled
    this.echoing.catch(() => {});
  }

  private async run(): Promise<void> {
    for (let count = 0; this.running; count++) {
      await this.echo(`bystander ${count}`);
      await wait(2);
    }
  }

  private async echo(words: string): Promise<void> {
    const begun = processorMs();
    const before = this.disturbances;
    await this.peer.send(text(words));
    const { kind, payload } = await this.nextMessage();
    if (kind !== 'text' || payload.toString() !== words) {
      throw new Error(`the bystander sent ${words} and got ${inWords({ kind, payload })}`);
    }
    if (this.disturbances === before) this.latenciesMs.push(processorMs() - begun);
  }

  /** Runs something that holds the process up and is not the server's doing, as collecting garbage. */
  async unnoticed<T>(act: () => Promise<T>): Promise<T> {
    this.disturbances++;
    try {
      return await act();
    } finally {
      this.disturbances++;
    }
  }

  /** Heartbeats are answered, as any client does. */
  private async nextMessage(): Promise<Received> {
    const one = await this.peer.next();
    if (one.kind !== 'ping') return one;
    await this.peer.send(pong(one.payload));
    return this.nextMessage();
  }

  /** Ends it and gives the 99th percentile of its round trips. @throws Error when an echo was lost or wrong */
  async stop(): Promise<number> {
    this.running = false;
    await this.echoing;
    await this.echo('the last one');
    const sorted = this.latenciesMs.sort((a, b) => a - b);
    return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0;
  }

  async leave(): Promise<void> {
    await this.peer.closeAndEnd();
    this.peer.destroy();
  }
}
