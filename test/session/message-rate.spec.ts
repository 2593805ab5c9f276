import { describe, expect, it } from '@jest/globals';
import { MessageRate } from '../../lib/session/message-rate.js';
import { TokenBucket } from '../../lib/session/token-bucket.js';

/** A clock that a test moves. */
class Clock {
  ms = 0;
  readonly now = (): number => this.ms;
}

const times = <T>(count: number, act: () => T): T[] => Array.from({ length: count }, act);

describe('a token bucket', () => {
  it('lets as many pass at once as it lets pass a second, and no more', () => {
    const bucket = new TokenBucket(3, new Clock().now);

    expect(times(5, () => bucket.take())).toEqual([true, true, true, false, false]);
  });

  it('fills with time, in fractions too', () => {
    const clock = new Clock();
    const bucket = new TokenBucket(4, clock.now);
    times(4, () => bucket.take());
    clock.ms += 249;
    expect(bucket.take()).toBe(false);
    clock.ms += 1;
    expect(times(2, () => bucket.take())).toEqual([true, false]);
  });

  it('holds no more than a second of rest, however long that was', () => {
    const clock = new Clock();
    const bucket = new TokenBucket(2, clock.now);
    clock.ms += 3_600_000;

    expect(times(3, () => bucket.take())).toEqual([true, true, false]);
  });
});

describe('the rate of messages', () => {
  it('allows some, refuses as many, and then has the client closed', () => {
    const rate = new MessageRate(2, new Clock().now);

    expect(times(5, () => rate.next())).toEqual(['allow', 'allow', 'refuse', 'refuse', 'close']);
  });

  it('closes nobody who sends up to twice of what is allowed, for as long as they like', () => {
    const clock = new Clock();
    const rate = new MessageRate(10, clock.now);
    const verdicts = new Map<string, number>();
    for (let i = 0; i < 2000; i++) {
      clock.ms += 50;
      const verdict = rate.next();
      verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
    }

    expect([...verdicts.keys()]).toEqual(['allow', 'refuse']);
    expect(verdicts.get('allow')).toBeGreaterThan(990);
  });
});
