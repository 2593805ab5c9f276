/** How long a client stays away between two attempts. */
export interface BackOffOptions {
  /** What the first pause is at most. Default 500 ms; each further one may be twice as long. */
  readonly minMs?: number;
  /** What no pause exceeds. Default 30,000 ms. */
  readonly maxMs?: number;
}

export const DEFAULT_BACK_OFF = { minMs: 500, maxMs: 30_000 } as const;

/**
 * What a pause is at most. A connection that did not last as long counts as one more failure: a server that lets
 * clients in and then drops them is left alone as one that refuses them.
 */
export function backOffBoundMs(
  attempt: number,
  { minMs = DEFAULT_BACK_OFF.minMs, maxMs = DEFAULT_BACK_OFF.maxMs }: BackOffOptions,
): number {
  return Math.min(maxMs, minMs * 2 ** attempt);
}

/**
 * Full jitter: anything between nothing and the bound, so that clients that a server lost together do not
 * come back together.
 * @param attempt counts from 0
 * @param random in [0, 1)
 */
export function backOffMs(attempt: number, options: BackOffOptions, random: () => number): number {
  return Math.floor(random() * backOffBoundMs(attempt, options));
}
