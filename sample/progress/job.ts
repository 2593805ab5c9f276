import { z } from 'zod';

/** Numbers that a step looks through; a job has at least one and at most `MAX_STEPS` of them. */
export const STEP_NUMBERS = 10_000;
const MAX_STEPS = 400;

/** The event of the stream of progress. */
export const PROGRESS_EVENT = 'progress';

/** `id` is the page's, since browsers send a POST again whose connection was lost: that is the same job. */
export const StartJob = z.object({
  id: z.string().regex(/^[\w-]{16,64}$/),
  steps: z.int().min(1).max(MAX_STEPS),
});
export type StartJob = z.infer<typeof StartJob>;

export const Job = z.object({
  id: z.string(),
  steps: z.number(),
  done: z.number(),
  /** Primes found up to now. */
  found: z.number(),
  state: z.enum(['waiting', 'running', 'done', 'cancelled']),
  startedAt: z.number(),
});
export type Job = z.infer<typeof Job>;

/** All jobs, and the cursor from which the stream goes on. */
export interface JobList {
  readonly jobs: readonly Job[];
  readonly cursor: string | undefined;
}

export function isOver({ state }: Job): boolean {
  return state === 'done' || state === 'cancelled';
}
