import type { Departing } from './shutdown-part.js';

/** How many of them a line of the log names. */
const NAMED = 10;

/** For the log: `"report.make" (3), "ask" (1)`, the most frequent first; empty when nothing runs. */
export function countUnfinished(clients: readonly Departing[]): string {
  const counts = new Map<string, number>();
  for (const { unfinished } of clients)
    for (const event of unfinished) counts.set(event, (counts.get(event) ?? 0) + 1);
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  const named = sorted.slice(0, NAMED).map(([event, count]) => `"${event}" (${count})`);
  if (sorted.length > NAMED) named.push(`and ${sorted.length - NAMED} other events`);
  return named.join(', ');
}
