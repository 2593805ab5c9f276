/** How long the ticks took since they were read the last time. */
export class TickTimes {
  private sumMs = 0;
  private maxMs = 0;
  private count = 0;

  add(ms: number): void {
    this.sumMs += ms;
    this.maxMs = Math.max(this.maxMs, ms);
    this.count++;
  }

  read(): { meanTickMs: number; maxTickMs: number } {
    const times = { meanTickMs: this.sumMs / Math.max(1, this.count), maxTickMs: this.maxMs };
    this.sumMs = this.maxMs = this.count = 0;
    return times;
  }
}
