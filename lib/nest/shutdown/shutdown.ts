/**
 * How an application leaves its clients (WIRE §8).
 *
 * Theory of operation. From the first moment newcomers are refused and `NestwireHealth` says so. Then the
 * clients are told one by one, spread over a time that grows with their number, so that they don't all come
 * back to the next server in the same instant; a client whose requests are running is told when they have
 * finished. Who has not left when `limits.shutdownMs` is over is dropped. Whoever is destroyed first starts
 * it; all wait for the same end.
 */
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Limits } from '../../session/index.js';
import { NESTWIRE_LIMITS } from '../nestwire.constants.js';
import { paced, spreadMs } from './paced.js';
import type { Departing, ShutdownPart } from './shutdown-part.js';

/** Clients come back after this time, and up to as much again: each at another. */
const RETRY_MS = 500;

const logger = new Logger('Nestwire');

@Injectable()
export class Shutdown {
  private readonly parts: ShutdownPart[] = [];
  private done: Promise<void> | undefined;

  constructor(@Inject(NESTWIRE_LIMITS) private readonly limits: Limits) {}

  get hasBegun(): boolean {
    return this.done !== undefined;
  }

  add(part: ShutdownPart): void {
    this.parts.push(part);
  }

  /** Settles when everything is closed, within `limits.shutdownMs`. Called again it is the same shutdown. */
  run(): Promise<void> {
    return (this.done ??= this.perform());
  }

  private async perform(): Promise<void> {
    const { shutdownMs, closeWaitMs } = this.limits;
    // a close frame that nobody answers takes its time too
    const hurry = timeout(Math.max(shutdownMs / 2, shutdownMs - closeWaitMs));
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
    const told: Promise<void>[] = [];
    const tell = (client: Departing): void => void told.push(client.leave(retryMs(), hurry));
    await paced(clients, spreadMs(clients.length, this.limits), tell);
    await Promise.all(told);
    await Promise.all(this.parts.map((part) => part.emptied()));
  }

  private cutOff(): void {
    logger.warn(`the shutdown is not over after ${this.limits.shutdownMs} ms: dropping who is left`);
    for (const part of this.parts) part.cutOff();
  }
}

const retryMs = (): number => RETRY_MS + Math.floor(Math.random() * RETRY_MS);

function timeout(ms: number): { readonly passed: Promise<void>; clear(): void } {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  return { passed, clear: () => clearTimeout(timer) };
}
