import { setImmediate as turn } from 'node:timers/promises';

/** Longer than any flood of these tests takes on a busy machine. */
const DEADLINE_MS = 20_000;

/**
 * How much was added to a count in each turn of the event loop, until it stands at `total`.
 * @throws Error when it does not get there
 */
export async function perTurn(count: () => number, total: number): Promise<number[]> {
  const turns: number[] = [];
  const end = performance.now() + DEADLINE_MS;
  for (let before = count(); before < total; before = count()) {
    await turn();
    turns.push(count() - before);
    if (performance.now() > end) throw new Error(`${count()} of ${total} came in ${DEADLINE_MS} ms`);
  }
  return turns;
}
