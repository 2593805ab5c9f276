import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Deadlines } from '../../lib/session/index.js';
import { OpenRequest } from '../../lib/session/open-request.js';

const LIMIT_MS = 1000;
const handler = {
  overflow: 'buffer',
  usesSignal: false,
  run: () => 1,
  explain: () => undefined as never,
} as const;
const request = (): OpenRequest => new OpenRequest(handler, { event: 'a' }, 0);

describe('deadlines', () => {
  const expired: OpenRequest[] = [];
  const owner = { expired: (one: OpenRequest) => void expired.push(one) };
  let deadlines: Deadlines;

  beforeEach(() => {
    expired.length = 0;
    jest.useFakeTimers();
    deadlines = new Deadlines(LIMIT_MS, () => performance.now());
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('are told when they are due, each at its time', () => {
    const [first, second] = [request(), request()];
    deadlines.start(first, owner);
    jest.advanceTimersByTime(400);
    deadlines.start(second, owner);
    jest.advanceTimersByTime(599);
    expect(expired).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(expired).toEqual([first]);
    jest.advanceTimersByTime(400);
    expect(expired).toEqual([first, second]);
  });

  it('are not told when they were stopped', () => {
    const [first, second] = [request(), request()];
    deadlines.start(first, owner);
    deadlines.start(second, owner);
    deadlines.stop(first);
    jest.advanceTimersByTime(5 * LIMIT_MS);

    expect(expired).toEqual([second]);
  });

  it('share one timer, which is not set anew for each request', () => {
    const setTimeout = jest.spyOn(globalThis, 'setTimeout');
    for (let i = 0; i < 1000; i++) {
      const one = request();
      deadlines.start(one, owner);
      deadlines.stop(one);
    }
    expect(jest.getTimerCount()).toBe(1);
    expect(setTimeout).toHaveBeenCalledTimes(1);
    setTimeout.mockRestore();
  });

  it('leave no timer behind when nothing is pending', () => {
    const one = request();
    deadlines.start(one, owner);
    deadlines.stop(one);
    jest.advanceTimersByTime(LIMIT_MS);

    expect(jest.getTimerCount()).toBe(0);
  });

  it('begin again for what begins while others expire', () => {
    const [first, second] = [request(), request()];
    deadlines.start(first, { expired: () => deadlines.start(second, owner) });
    jest.advanceTimersByTime(LIMIT_MS);
    expect(jest.getTimerCount()).toBe(1);
    jest.advanceTimersByTime(LIMIT_MS);

    expect(expired).toEqual([second]);
  });
});
