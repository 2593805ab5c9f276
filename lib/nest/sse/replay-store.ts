/** The runs of one endpoint by their keys: a bounded number, each forgotten when nobody asks for it any more. */
import { ServiceUnavailableException } from '@nestjs/common';
import { ReplayRun } from './replay-run.js';
import type { ReplayOptions } from './sse-options.js';

const DEFAULT_EXPIRY_MS = 300_000;
const DEFAULT_MAX_KEYS = 1_000;
const SWEEPS_PER_EXPIRY = 4;

export class ReplayStore {
  private readonly runs = new Map<string, ReplayRun>();
  private readonly expiryMs: number;
  private readonly maxKeys: number;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: ReplayOptions) {
    this.expiryMs = options.expiryMs ?? DEFAULT_EXPIRY_MS;
    this.maxKeys = options.maxKeys ?? DEFAULT_MAX_KEYS;
  }

  /**
   * The run of that key, begun if there is none.
   * @throws ServiceUnavailableException when too many others are remembered; what `start` throws (rejects)
   */
  async run(key: string, start: () => unknown): Promise<ReplayRun> {
    const known = this.runs.get(key);
    const run = known ?? this.begin(key, start);
    run.usedAt = performance.now();
    await run.started;
    return run;
  }

  private begin(key: string, start: () => unknown): ReplayRun {
    if (this.runs.size >= this.maxKeys) this.makeRoom();
    const run = new ReplayRun(start, this.options.history ?? {});
    this.runs.set(key, run);
    // one that did not begin is no result to be shared
    run.started.catch(() => this.runs.delete(key));
    this.timer ??= this.startSweeping();
    return run;
  }

  private makeRoom(): void {
    for (const [key, run] of this.runs) {
      if (run.isFollowed || !run.hasEnded) continue;
      this.runs.delete(key);
      return;
    }
    throw new ServiceUnavailableException(`${this.maxKeys} streams run, which is the limit`);
  }

  private startSweeping(): NodeJS.Timeout {
    return setInterval(() => this.sweep(), this.expiryMs / SWEEPS_PER_EXPIRY).unref();
  }

  private sweep(): void {
    const oldest = performance.now() - this.expiryMs;
    for (const [key, run] of this.runs) {
      if (run.isFollowed || run.usedAt > oldest) continue;
      this.runs.delete(key);
      run.stop();
    }
    if (this.runs.size === 0) this.stopSweeping();
  }

  private stopSweeping(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** Ends all runs. */
  close(): void {
    this.stopSweeping();
    for (const run of this.runs.values()) run.stop();
    this.runs.clear();
  }
}
