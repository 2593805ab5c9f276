import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { FixedLoop } from '../../../sample/game/fixed-loop.js';
import { TICK_MS } from '../../../sample/game/simulation/rules.js';

let steps: number;
let loop: FixedLoop;

beforeEach(() => {
  jest.useFakeTimers();
  steps = 0;
  loop = new FixedLoop(TICK_MS, () => steps++);
});

afterEach(() => {
  loop.stop();
  jest.restoreAllMocks();
  jest.useRealTimers();
});

describe('A fixed loop', () => {
  it('runs 30 times a second although timers only know whole milliseconds', () => {
    loop.start();
    jest.advanceTimersByTime(60_000);
    expect(steps).toBeGreaterThanOrEqual(1_798);
    expect(steps).toBeLessThanOrEqual(1_800);
  });

  it('makes up for a few ticks that it missed, and not for a long pause', () => {
    loop.start();
    jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 10_000);
    jest.advanceTimersToNextTimer();
    expect(steps).toBeGreaterThanOrEqual(5);
    expect(steps).toBeLessThanOrEqual(6);
  });

  it('runs once however often it was started, and no more once it was stopped', () => {
    loop.start();
    loop.start();
    jest.advanceTimersByTime(1_000);
    const before = steps;
    expect(before).toBeLessThanOrEqual(30);
    loop.stop();
    jest.advanceTimersByTime(1_000);
    expect(steps).toBe(before);
  });
});
