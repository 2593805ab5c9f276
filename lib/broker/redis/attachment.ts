/** Something that is to be subscribed at Redis: tried again, with back-off, until it is, or nobody wants it now. */
import { setTimeout as pause } from 'node:timers/promises';
import { unavailable } from './errors.js';
import { backOffMs } from './redis-connection.js';

export class Attachment {
  isAttached = false;
  /** Counts what makes an attempt pointless: a newer one, a lost connection, the end. */
  private attempt = 0;
  private readonly awaiting = new Set<(error?: Error) => void>();

  /**
   * @param tryTo subscribes, and settles when that is done, with whether it still stands; it stops early when
   * `isCurrent` says no
   */
  constructor(private readonly tryTo: (isCurrent: () => boolean) => Promise<() => boolean>) {}

  /** Subscribes on a connection that is new, until it is done or that connection is gone. */
  async begin(): Promise<void> {
    const attempt = ++this.attempt;
    const isCurrent = (): boolean => attempt === this.attempt;
    this.isAttached = false;
    for (let failures = 0; isCurrent(); failures++) {
      try {
        return await this.complete(isCurrent);
      } catch {
        await pause(backOffMs(failures), undefined, { ref: false });
      }
    }
  }

  private async complete(isCurrent: () => boolean): Promise<void> {
    const stands = await this.tryTo(isCurrent);
    if (!isCurrent()) return;
    if (!stands()) throw new Error('lost meanwhile');
    this.isAttached = true;
    for (const settle of this.awaiting) settle();
  }

  /** @param again whether to try again at once; if not, a connection will come */
  lost(again: boolean): void {
    if (!again) this.detach();
    else if (this.isAttached) void this.begin(); // else whoever tries finds out
  }

  private detach(): void {
    this.attempt++;
    this.isAttached = false;
  }

  /** Settles when it is subscribed. @throws BrokerUnavailableError (rejects) when that takes longer than `ms` */
  whenAttached(ms: number): Promise<void> {
    if (this.isAttached) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const settle = (error?: Error): void => {
        clearTimeout(timer);
        this.awaiting.delete(settle);
        if (error) reject(error);
        else resolve();
      };
      const timer = setTimeout(() => settle(unavailable(`not subscribed within ${ms} ms`)), ms);
      this.awaiting.add(settle);
    });
  }

  /** Nobody wants it any more. */
  end(error?: Error): void {
    this.detach();
    for (const settle of this.awaiting) settle(error);
  }
}
