import { setTimeout as sleep } from 'node:timers/promises';
import type { Limits } from '../../session/index.js';

/** So few that it does not matter when they come back. */
const AT_ONCE = 20;

/** What each further client adds to the spread. */
const CLIENT_MS = 5;

/** How long it takes to tell so many clients: a few at once, many one by one. */
export function spreadMs(clients: number, { shutdownMs, shutdownSpreadMs }: Limits): number {
  const many = Math.max(0, clients - AT_ONCE);
  return Math.min(many * CLIENT_MS, shutdownSpreadMs, shutdownMs / 2);
}

/**
 * Calls `act` for one item after another, evenly over the time, the first at once. An item whose time has come
 * while others were waited for does not wait for a timer of its own.
 */
export async function paced<T>(items: readonly T[], overMs: number, act: (item: T) => void): Promise<void> {
  const begun = performance.now();
  for (const [index, item] of items.entries()) {
    const waitMs = begun + (index * overMs) / items.length - performance.now();
    if (waitMs >= 1) await sleep(waitMs);
    act(item);
  }
}
