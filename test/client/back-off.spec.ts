import { describe, expect, it } from '@jest/globals';
import { backOffMs } from '../../lib/client/back-off.js';

describe('The back-off', () => {
  const longest = (attempt: number, options = {}): number => backOffMs(attempt, options, () => 0.999_999);

  it('is at most half a second at first, and twice as long each time', () => {
    expect([0, 1, 2, 3].map((attempt) => longest(attempt))).toEqual([499, 999, 1_999, 3_999]);
  });

  it('never exceeds its bound', () => {
    expect(longest(6)).toBe(29_999);
    expect(longest(2_000)).toBe(29_999);
    expect(longest(5, { minMs: 10, maxMs: 100 })).toBe(99);
  });

  it('may be nothing at all, so that clients that were lost together do not return together', () => {
    expect(backOffMs(9, {}, () => 0)).toBe(0);
  });
});
