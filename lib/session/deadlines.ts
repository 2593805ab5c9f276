/**
 * The time limit of all requests of a gateway, on one timer. They all have the same time, so they expire in
 * the order in which they began, which is the order of the map. The timer is not touched when a request ends:
 * it fires now and then and looks who is first.
 */

/** Whom a request belongs to. */
export interface DeadlineOwner<Request> {
  expired(request: Request, limitMs: number): void;
}

export class Deadlines {
  private readonly pending = new Map<unknown, { at: number; owner: DeadlineOwner<unknown> }>();
  private timer: NodeJS.Timeout | undefined;

  /** @param now milliseconds on a clock that never jumps */
  constructor(
    private readonly limitMs: number,
    private readonly now: () => number,
  ) {}

  start<Request>(request: Request, owner: DeadlineOwner<Request>): void {
    this.pending.set(request, { at: this.now() + this.limitMs, owner });
    if (this.timer === undefined) this.wait(this.limitMs);
  }

  stop(request: unknown): void {
    this.pending.delete(request);
  }

  private wait(ms: number): void {
    this.timer = setTimeout(() => this.expire(), ms).unref();
  }

  /** The timer counts as set meanwhile: what begins now does not set another. */
  private expire(): void {
    for (const [request, { at, owner }] of this.pending) {
      const leftMs = at - this.now();
      if (leftMs > 0) return this.wait(leftMs);
      this.pending.delete(request);
      owner.expired(request, this.limitMs);
    }
    this.timer = undefined;
  }
}
