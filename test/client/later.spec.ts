import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { later } from '../../lib/client/later.js';
import { LONGEST_TIMER_MS } from '../../lib/errors/index.js';

describe('What a client does later', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it.each([LONGEST_TIMER_MS, LONGEST_TIMER_MS + 1, Infinity])('is not done at once: in %d ms', (ms) => {
    const setTimer = jest.spyOn(globalThis, 'setTimeout');
    later(() => undefined, ms);

    expect(setTimer).toHaveBeenCalledWith(expect.any(Function), LONGEST_TIMER_MS);
  });
});
