/** What a fault may leave behind: nothing, a while after it is over. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Resources, Stage } from './stage.js';

const MIB = 1024 * 1024;
/** Of a process, beside what sessions hold: code that is compiled, tables that have grown. */
const GROWTH_BYTES = 20 * MIB;
/** Of one client: a poll or a stream, a POST, and one that was given up a moment ago. */
const SOCKETS_PER_CLIENT = 3;
const PATIENCE_MS = 60_000;
const LOOK_AGAIN_MS = 1_000;

/** @returns what is more than it should be, in words */
export function excess(stage: Stage, baseline: Resources, now: Resources): string[] {
  const limits: Omit<Resources, 'rssBytes'> = {
    heldBytes: baseline.heldBytes + stage.nodeCount * GROWTH_BYTES,
    sockets: SOCKETS_PER_CLIENT * stage.options.clients,
    redisConnections: baseline.redisConnections,
  };
  return Object.entries(limits)
    .filter(([name, limit]) => now[name as keyof Resources] > limit)
    .map(([name, limit]) => `${name}: ${now[name as keyof Resources]} of ${limit}`);
}

/** Waits until nothing is more than it should be, or for too long. @returns what there is then */
export async function calm(stage: Stage, baseline: Resources): Promise<Resources> {
  const begun = performance.now();
  for (;;) {
    const now = await stage.resources();
    if (excess(stage, baseline, now).length === 0 || performance.now() - begun > PATIENCE_MS) return now;
    await pause(LOOK_AGAIN_MS);
  }
}
