/** More ticks than this are not made up for: whatever held the process up would only last longer. */
const MAX_BEHIND = 5;

/**
 * Runs a step every `stepMs`. Each is due at its own multiple of that since the start, so that delays of the
 * timers do not add up.
 */
export class FixedLoop {
  private timer: NodeJS.Timeout | undefined;
  private dueAt = 0;

  constructor(
    private readonly stepMs: number,
    private readonly step: () => void,
  ) {}

  get isRunning(): boolean {
    return this.timer !== undefined;
  }

  start(): void {
    if (this.timer) return;
    this.dueAt = performance.now() + this.stepMs;
    this.wait();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private wait(): void {
    this.timer = setTimeout(() => this.wake(), Math.max(0, this.dueAt - performance.now()));
  }

  private wake(): void {
    const now = performance.now();
    this.dueAt = Math.max(this.dueAt, now - MAX_BEHIND * this.stepMs);
    for (; this.dueAt <= now && this.timer; this.dueAt += this.stepMs) this.step();
    if (this.timer) this.wait();
  }
}
