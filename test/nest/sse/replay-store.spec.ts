import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ServiceUnavailableException } from '@nestjs/common';
import { Observable, of } from 'rxjs';
import type { ReplayRun } from '../../../lib/nest/sse/replay-run.js';
import { ReplayStore } from '../../../lib/nest/sse/replay-store.js';

describe('the runs that are remembered', () => {
  let store: ReplayStore;
  let torn: number;

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    torn = 0;
    store = new ReplayStore({ key: '', expiryMs: 1_000, maxKeys: 2 });
  });

  afterEach(() => {
    store.close();
    jest.useRealTimers();
  });

  const endless = (): Observable<number> =>
    new Observable((subscriber) => {
      subscriber.next(1);
      return () => torn++;
    });

  async function begun(key: string, start: () => unknown = endless): Promise<ReplayRun> {
    const run = await store.run(key, start);
    await turn();
    return run;
  }

  it('are one for each key', async () => {
    const [a, again, b] = [await begun('a'), await begun('a'), await begun('b')];

    expect(again).toBe(a);
    expect(b).not.toBe(a);
  });

  it('are forgotten, and ended, when nobody asked for so long', async () => {
    const run = await begun('a');
    jest.advanceTimersByTime(900);
    await begun('a');
    jest.advanceTimersByTime(900);
    expect(torn).toBe(0);

    jest.advanceTimersByTime(1_000);
    expect(torn).toBe(1);
    expect(await begun('a')).not.toBe(run);
  });

  it('leave no timer when there are none', async () => {
    await begun('a');
    expect(jest.getTimerCount()).toBe(1);
    jest.advanceTimersByTime(3_000);

    expect(jest.getTimerCount()).toBe(0);
  });

  it('are not those that could not begin', async () => {
    const failing = jest.fn(() => Promise.reject(new Error('not yet')));
    await expect(begun('a', failing)).rejects.toThrow('not yet');
    await expect(begun('a', failing)).rejects.toThrow('not yet');
    expect(failing).toHaveBeenCalledTimes(2);

    await expect(begun('a', () => 'no stream')).rejects.toThrow('must return an Observable');
  });

  it('are bounded in number: only ended ones make way', async () => {
    await begun('a');
    await begun('b', () => of(1));
    await begun('c');
    await expect(begun('d')).rejects.toThrow(ServiceUnavailableException);
    await expect(begun('d')).rejects.toThrow('2 streams run, which is the limit');
    expect(torn).toBe(0);
  });

  it('let others run beside a generator that never waits', async () => {
    let count = 0;
    let isEnded = false;
    const run = await begun('a', async function* () {
      try {
        for (;;) yield count++;
      } finally {
        isEnded = true;
      }
    });
    await turn();
    expect(count).toBeGreaterThan(0);

    run.stop();
    while (!isEnded) await turn();
  });

  it('end with an error when an item is no JSON', async () => {
    const run = await begun('a', () => of(1n));
    await turn();

    expect(run.hasEnded).toBe(true);
  });
});
