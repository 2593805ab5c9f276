/**
 * How an application leaves its clients (WIRE §8).
 *
 * Theory of operation. From the first moment newcomers are refused and `NestwireHealth` says so. Then the
 * clients are told one by one, spread over a time that grows with their number, so that they don't all come
 * back to the next server in the same instant; a client whose requests are running is told when they have
 * finished, or when half of the time is over. Who has not left when `limits.shutdownMs` is over is dropped.
 * Whoever is destroyed first starts it; all wait for the same end.
 */
import { Inject, Injectable, Logger } from '@nestjs/common';
import { NESTWIRE_LIMITS } from '../nestwire.constants.js';
import { type ShutdownLimits, paced, spreadMs } from './paced.js';
import type { Departing, ShutdownPart } from './shutdown-part.js';
import { timeout } from './timeout.js';
import { countUnfinished } from './unfinished.js';

/** Clients come back after this time, and up to as much again: each at another. */
const RETRY_MS = 500;

const logger = new Logger('Nestwire');

@Injectable()
export class Shutdown {
  private readonly parts: ShutdownPart[] = [];
  private done: Promise<void> | undefined;
  private begunAt = 0;

  constructor(@Inject(NESTWIRE_LIMITS) private readonly limits: ShutdownLimits) {}

  get hasBegun(): boolean {
    return this.done !== undefined;
  }

  /** Of `limits.shutdownMs`; all of it before it has begun. */
  get leftMs(): number {
    const { shutdownMs } = this.limits;
    return this.hasBegun ? Math.max(0, this.begunAt + shutdownMs - performance.now()) : shutdownMs;
  }

  add(part: ShutdownPart): void {
    this.parts.push(part);
  }

  /** Settles when everything is closed, within `limits.shutdownMs`. Called again it is the same shutdown. */
  run(): Promise<void> {
    return (this.done ??= this.perform());
  }

  private async perform(): Promise<void> {
    const { shutdownMs } = this.limits;
    this.begunAt = performance.now();
    // who is told then has the other half to take its last messages and to answer the close
    const hurry = timeout(shutdownMs / 2);
    const over = timeout(shutdownMs);
    try {
      await Promise.race([this.empty(hurry.passed), over.passed.then(() => this.cutOff())]);
    } finally {
      hurry.clear();
      over.clear();
    }
    await Promise.all(this.parts.map((part) => part.close()));
  }

  private async empty(hurry: Promise<void>): Promise<void> {
    const clients = this.parts.flatMap((part) => part.refuseNewcomers());
    const overMs = spreadMs(clients.length, this.limits);
    if (clients.length > 0) logger.log(announcement(clients, overMs));
    const told: Promise<void>[] = [];
    const tell = (client: Departing): void => void told.push(client.leave(retryMs(), hurry));
    // before anybody's own wait is over, so that it tells what they all wait for
    void hurry.then(() => this.warnOfUnfinished(clients));
    await paced(clients, overMs, tell);
    await Promise.all(told);
    await Promise.all(this.parts.map((part) => part.emptied()));
  }

  /** Never an application's secret: events are names in its code. */
  private warnOfUnfinished(clients: readonly Departing[]): void {
    const unfinished = countUnfinished(clients);
    const waitedMs = this.limits.shutdownMs / 2;
    if (unfinished !== '')
      logger.warn(`not waiting any longer than ${waitedMs} ms for requests: ${unfinished}`);
  }

  private cutOff(): void {
    logger.warn(`the shutdown is not over after ${this.limits.shutdownMs} ms: dropping who is left`);
    for (const part of this.parts) part.cutOff();
  }
}

const retryMs = (): number => RETRY_MS + Math.floor(Math.random() * RETRY_MS);

function announcement(clients: readonly Departing[], overMs: number): string {
  const unfinished = countUnfinished(clients);
  const told = `shutting down: telling ${clients.length} clients within ${Math.ceil(overMs)} ms`;
  return unfinished === '' ? told : `${told}, some after their requests: ${unfinished}`;
}
