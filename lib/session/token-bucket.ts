/** Lets `perSecond` things pass a second on average, and as many at once after a second of rest. */
export class TokenBucket {
  private tokens: number;
  private filledAt: number;

  /** @param now milliseconds on a clock that never jumps */
  constructor(
    private readonly perSecond: number,
    private readonly now: () => number,
  ) {
    this.tokens = perSecond;
    this.filledAt = now();
  }

  /** @returns whether one more may pass */
  take(): boolean {
    this.fill();
    if (this.tokens < 1) return false;
    this.tokens--;
    return true;
  }

  private fill(): void {
    const now = this.now();
    const gained = ((now - this.filledAt) * this.perSecond) / 1000;
    this.tokens = Math.min(this.perSecond, this.tokens + gained);
    this.filledAt = now;
  }
}
