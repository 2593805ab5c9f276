import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { BackOff, backOffMs } from '../../lib/client/back-off.js';

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

describe('The back-off of a client', () => {
  let backOff: BackOff;

  beforeEach(() => {
    jest.useFakeTimers();
    jest.spyOn(Math, 'random').mockReturnValue(0.999_999);
    backOff = new BackOff({});
  });

  afterEach(() => {
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  const lostTimes = (count: number): number[] => Array.from({ length: count }, () => backOff.lost());

  /** @returns the pause after a connection that lasted so long */
  function lostAfter(ms: number): number {
    backOff.opened();
    jest.advanceTimersByTime(ms);
    return backOff.lost();
  }

  it('grows with each attempt that came to nothing, however long it took', () => {
    expect(backOff.lost()).toBe(499);
    jest.advanceTimersByTime(100_000);
    expect(lostTimes(2)).toEqual([999, 1_999]);
  });

  it('begins anew after a connection that lasted as long as the next pause may be', () => {
    lostTimes(2);
    expect(lostAfter(1_999)).toBe(1_999);
    expect(lostAfter(4_000)).toBe(499);
    expect(lostAfter(500)).toBe(499);
    expect(lostTimes(3)).toEqual([499, 999, 1_999]);
  });

  it('takes a connection for no longer than it was', () => {
    lostAfter(10);
    jest.advanceTimersByTime(100_000);
    expect(backOff.lost()).toBe(999);
  });

  it('begins anew when it is told to', () => {
    lostTimes(3);
    backOff.beginAnew();
    expect(backOff.lost()).toBe(499);
  });

  it('forgets a connection that was given up when it is told to begin anew', () => {
    backOff.opened();
    jest.advanceTimersByTime(100_000);
    backOff.beginAnew();
    expect(lostTimes(2)).toEqual([499, 999]);
  });
});
