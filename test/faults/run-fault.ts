import { type Verdict, check } from './checker.js';
import type { Durations, Fault } from './fault.js';
import { calm, excess } from './resources.js';
import { type Resources, type Stage, seconds } from './stage.js';

export interface FaultRow {
  readonly fault: Fault;
  readonly acknowledged: number;
  /** Publications that were refused, or whose outcome nobody knows. */
  readonly failed: number;
  readonly verdict: Verdict;
  /** Readers without the last publication of their channel, a long time afterwards. */
  readonly behind: readonly string[];
  /** From the end of the load until all others had it. */
  readonly settledMs: number;
  readonly reconnected: number;
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly before: Resources;
  readonly after: Resources;
  /** What the nodes hold, a while after it is over, that they should not. */
  readonly excess: readonly string[];
}

/**
 * Load, the fault in it, load again; then the account.
 * @param baseline what the nodes held when they had done nothing yet but greet their clients
 */
export async function runFault(
  stage: Stage,
  fault: Fault,
  durations: Durations,
  baseline: Resources,
): Promise<FaultRow> {
  const before = await stage.resources();
  await stage.publish();
  await seconds(durations.loadS);
  await fault.run(stage, durations);
  await seconds(durations.loadS);
  const { behind, tookMs: settledMs } = await stage.settle();
  const { acknowledged, failed, logs, ...readings } = await stage.take();
  const { reconnected, p50Ms, p99Ms } = readings;
  const after = await calm(stage, baseline);
  return {
    fault,
    acknowledged: acknowledged.length,
    failed,
    verdict: check(acknowledged, logs),
    behind,
    settledMs,
    reconnected,
    p50Ms,
    p99Ms,
    before,
    after,
    excess: excess(stage, baseline, after),
  };
}
