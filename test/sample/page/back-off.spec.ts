import { describe, expect, it } from '@jest/globals';
import { backOffMs } from '../../../sample/page/back-off.js';

describe('The back-off of the page', () => {
  const longest = (attempt: number) => backOffMs(attempt, () => 1);

  it('doubles with every attempt and stops growing at half a minute', () => {
    expect([0, 1, 2, 3].map(longest)).toEqual([500, 1000, 2000, 4000]);
    expect([6, 7, 2000].map(longest)).toEqual([30_000, 30_000, 30_000]);
  });

  it('is anything between nothing and that, so that pages do not come back together', () => {
    expect(backOffMs(3, () => 0)).toBe(0);
    expect(backOffMs(3, () => 0.25)).toBe(1000);
  });
});
