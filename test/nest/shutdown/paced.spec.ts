import { describe, expect, it } from '@jest/globals';
import { DEFAULT_LIMITS } from 'nestwire';
import { spreadMs } from '../../../lib/nest/shutdown/paced.js';

describe('the time over which clients are told', () => {
  it('grows with their number, so that a few do not wait', () => {
    expect(spreadMs(0, DEFAULT_LIMITS)).toBe(0);
    expect(spreadMs(20, DEFAULT_LIMITS)).toBe(0);
    expect(spreadMs(1_020, DEFAULT_LIMITS)).toBe(5_000);
  });

  it('has an end, in the limit and in half of the shutdown', () => {
    expect(spreadMs(100_000, DEFAULT_LIMITS)).toBe(15_000);
    expect(spreadMs(100_000, { ...DEFAULT_LIMITS, shutdownMs: 10_000 })).toBe(5_000);
    expect(spreadMs(100_000, { ...DEFAULT_LIMITS, shutdownSpreadMs: 1_000 })).toBe(1_000);
  });
});
