/**
 * Ends what expires, with one timer for all of it.
 *
 * Theory of operation. A credential says when it expires by the wall clock, which may be set at any time: an
 * hour forward would end all sessions at once. So the wall clock is read once, when the credential comes, and
 * what is left then runs on the monotonic clock. What expires lies in a bucket by the second; a timer looks
 * once a second into those that are due. Nothing ends early, and nothing later than a second and a half,
 * however busy the process was.
 */
const BUCKET_MS = 1_000;

export interface Expiring {
  expire(): void;
  /** Kept by `Expiries`: where it lies. */
  bucket: number | undefined;
}

export class Expiries {
  private readonly buckets = new Map<number, Set<Expiring>>();
  private timer: NodeJS.Timeout | undefined;
  private last = 0;

  /** @param expiresAt in ms since 1970; undefined: never */
  set(expiring: Expiring, expiresAt: number | undefined): void {
    this.clear(expiring);
    if (expiresAt === undefined) return;
    this.start();
    const bucket = Math.max(
      this.last + 1,
      Math.ceil((performance.now() + expiresAt - Date.now()) / BUCKET_MS),
    );
    expiring.bucket = bucket;
    const members = this.buckets.get(bucket);
    if (members) members.add(expiring);
    else this.buckets.set(bucket, new Set([expiring]));
  }

  clear(expiring: Expiring): void {
    const { bucket } = expiring;
    if (bucket === undefined) return;
    expiring.bucket = undefined;
    const members = this.buckets.get(bucket);
    members?.delete(expiring);
    if (members?.size === 0) this.buckets.delete(bucket);
    if (this.buckets.size === 0) this.stop();
  }

  private start(): void {
    if (this.timer) return;
    this.last = currentBucket();
    // waiting for an expiry must not keep a process alive
    this.timer = setInterval(() => this.turn(), BUCKET_MS).unref();
  }

  private stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private turn(): void {
    const now = currentBucket();
    while (this.timer && this.last < now) this.expire(++this.last);
  }

  private expire(bucket: number): void {
    for (const expiring of [...(this.buckets.get(bucket) ?? [])]) {
      this.clear(expiring);
      expiring.expire();
    }
  }
}

const currentBucket = (): number => Math.floor(performance.now() / BUCKET_MS);
