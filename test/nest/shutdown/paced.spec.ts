import { describe, expect, it, jest } from '@jest/globals';
import { DEFAULT_LIMITS } from 'nestwire';
import { paced, spreadMs } from '../../../lib/nest/shutdown/paced.js';

describe('the time over which clients are told', () => {
  it('grows with their number', () => {
    expect(spreadMs(0, DEFAULT_LIMITS)).toBe(0);
    expect(spreadMs(20, DEFAULT_LIMITS)).toBe(100);
    expect(spreadMs(1_000, DEFAULT_LIMITS)).toBe(5_000);
  });

  it('has an end, in the limit and in half of the shutdown', () => {
    expect(spreadMs(100_000, DEFAULT_LIMITS)).toBe(15_000);
    expect(spreadMs(100_000, { ...DEFAULT_LIMITS, shutdownMs: 10_000 })).toBe(5_000);
    expect(spreadMs(100_000, { ...DEFAULT_LIMITS, shutdownSpreadMs: 1_000 })).toBe(1_000);
  });
});

describe('what is paced', () => {
  it('is done evenly from the first on, none together', () => {
    const clock = { now: 0 };
    const now = jest.spyOn(performance, 'now').mockImplementation(() => clock.now);
    const done: [item: string, ms: number][] = [];
    const sleep = (ms: number): Promise<void> => Promise.resolve(void (clock.now += ms));
    return paced(['a', 'b', 'c', 'd'], 20, (item) => void done.push([item, clock.now]), sleep)
      .then(() =>
        expect(done).toEqual([
          ['a', 0],
          ['b', 5],
          ['c', 10],
          ['d', 15],
        ]),
      ) // prettier-ignore
      .finally(() => now.mockRestore());
  });
});
