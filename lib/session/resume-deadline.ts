/** A client that has returned has so much time to say where it goes on. */
export class ResumeDeadline {
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly expired: () => void) {}

  get isRunning(): boolean {
    return this.timer !== undefined;
  }

  start(ms: number): void {
    this.timer = setTimeout(this.expired, ms).unref();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
