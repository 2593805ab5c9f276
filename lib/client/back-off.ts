/** How long a client stays away between two attempts. */
export interface BackOffOptions {
  /** What the first pause is at most. Default 500 ms; each further one may be twice as long. */
  readonly minMs?: number;
  /** What no pause exceeds. Default 30,000 ms. */
  readonly maxMs?: number;
}

export const DEFAULT_BACK_OFF = { minMs: 500, maxMs: 30_000 } as const;

/** What a pause is at most. */
function backOffBoundMs(
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

/** How long one client stays away each time, and whether it begins anew. */
export class BackOff {
  /** Attempts since a connection lasted. */
  private failures = 0;
  private openedAt: number | undefined;

  constructor(private readonly options: BackOffOptions) {}

  /** The attempt has come to a connection. */
  opened(): void {
    this.openedAt = performance.now();
  }

  /**
   * The attempt came to nothing, or its connection is lost. One that did not last as long as a pause may be is one
   * more failure: a server that lets clients in and then drops them is left alone as one that refuses them.
   * @returns how long to stay away
   */
  lost(): number {
    const lastedMs = this.openedAt === undefined ? 0 : performance.now() - this.openedAt;
    this.openedAt = undefined;
    const hasLasted = lastedMs >= backOffBoundMs(this.failures, this.options);
    this.failures = hasLasted ? 0 : this.failures + 1;
    return backOffMs(Math.max(0, this.failures - 1), this.options, Math.random);
  }

  /** What was lost before says nothing any more. */
  beginAnew(): void {
    this.failures = 0;
    this.openedAt = undefined;
  }
}
