/** How long the best answer up to now stays the one that counts: clocks drift. */
const TRUSTED_MS = 60_000;

/** The server's clock as far as it can be known here: an answer is taken to be from the middle of its way. */
export class ServerClock {
  private offsetMs = 0;
  private uncertaintyMs = Infinity;
  private setAt = 0;

  now(): number {
    return Date.now() + this.offsetMs;
  }

  /** @param askedAt when the question left, by the clock here */
  set(serverNow: number, askedAt: number): void {
    const now = Date.now();
    const uncertaintyMs = (now - askedAt) / 2;
    if (uncertaintyMs > this.uncertaintyMs && now - this.setAt < TRUSTED_MS) return;
    this.uncertaintyMs = uncertaintyMs;
    this.offsetMs = serverNow - (askedAt + now) / 2;
    this.setAt = now;
  }
}
