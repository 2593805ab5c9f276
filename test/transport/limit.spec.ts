import { describe, expect, it } from '@jest/globals';
import { limit, timeLimit } from '../../lib/transport/limit.js';

describe('a limit', () => {
  it('is the default only where nothing was given', () => {
    expect(limit('n', undefined, 7)).toBe(7);
    expect(limit('n', 0, 7)).toBe(0);
  });
});

describe('a time limit', () => {
  it.each([
    [undefined, 7],
    [0, 0],
    [2 ** 31 - 1, 2 ** 31 - 1],
    [2 ** 31, 2 ** 31 - 1],
    [Infinity, 2 ** 31 - 1],
  ])('of %d ms waits %d ms: a timer of Node takes more for 1 ms', (given, waits) => {
    expect(timeLimit('n', given, 7)).toBe(waits);
  });

  it('must be a number of at least 0', () => {
    expect(() => timeLimit('n', -1, 7)).toThrow(RangeError);
  });
});
