import { setTimeout as sleep } from 'node:timers/promises';
import type { Limits } from '../../session/index.js';

export type ShutdownLimits = Pick<Limits, 'shutdownMs' | 'shutdownSpreadMs'>;

/** What each client adds to the spread. */
const CLIENT_MS = 5;

/** How long it takes to tell so many clients one by one. */
export function spreadMs(clients: number, { shutdownMs, shutdownSpreadMs }: ShutdownLimits): number {
  return Math.min(clients * CLIENT_MS, shutdownSpreadMs, shutdownMs / 2);
}

/**
 * Calls `act` for one item after another, evenly over the time, the first at once. An item whose time has come
 * while others were waited for does not wait for a timer of its own.
 * @param wait given by tests
 */
export async function paced<T>(
  items: readonly T[],
  overMs: number,
  act: (item: T) => void,
  wait: (ms: number) => Promise<unknown> = sleep,
): Promise<void> {
  const begun = performance.now();
  for (const [index, item] of items.entries()) {
    const waitMs = begun + (index * overMs) / items.length - performance.now();
    if (waitMs >= 1) await wait(waitMs);
    act(item);
  }
}
