import { TokenBucket } from './token-bucket.js';

/**
 * How fast one client may send. What comes faster is refused; a client that does not mind, and is refused as
 * often as others are served, is closed: then even saying no costs too much.
 */
export class MessageRate {
  private readonly allowed: TokenBucket;
  private readonly refused: TokenBucket;

  /** @param now milliseconds on a clock that never jumps */
  constructor(
    readonly perSecond: number,
    now: () => number,
  ) {
    this.allowed = new TokenBucket(perSecond, now);
    this.refused = new TokenBucket(perSecond, now);
  }

  /** Counts one more message. */
  next(): 'allow' | 'refuse' | 'close' {
    if (this.allowed.take()) return 'allow';
    return this.refused.take() ? 'refuse' : 'close';
  }
}
