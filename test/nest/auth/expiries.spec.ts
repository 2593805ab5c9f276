import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Expiries, type Expiring } from '../../../lib/nest/auth/expiries.js';

describe('what expires', () => {
  let expiries: Expiries;
  let expired: string[];

  beforeEach(() => {
    jest.useFakeTimers();
    expiries = new Expiries();
    expired = [];
  });

  afterEach(() => void jest.useRealTimers());

  const named = (name: string): Expiring => ({ bucket: undefined, expire: () => expired.push(name) });

  it('ends within two seconds after its time, and not before', () => {
    for (const ms of [0, 1, 999, 1_000, 1_001, 59_500]) expiries.set(named(`${ms}`), Date.now() + ms);

    jest.advanceTimersByTime(999);
    expect(expired).not.toContain('1000');
    jest.advanceTimersByTime(2_001);
    expect(expired).toEqual(['0', '1', '999', '1000', '1001']);
    jest.advanceTimersByTime(56_000);
    expect(expired).not.toContain('59500');
    jest.advanceTimersByTime(3_000);
    expect(expired).toContain('59500');
  });

  it('has one timer, and none when nothing is left', () => {
    const all = Array.from({ length: 1_000 }, (_, i) => named(`${i}`));
    for (const [i, one] of all.entries()) expiries.set(one, Date.now() + i * 10);
    expect(jest.getTimerCount()).toBe(1);

    for (const one of all.slice(0, 500)) expiries.clear(one);
    jest.advanceTimersByTime(12_000);
    expect(expired).toEqual(all.slice(500).map((_, i) => `${i + 500}`));
    expect(jest.getTimerCount()).toBe(0);
  });

  it('may be set anew, or to never', () => {
    const [longer, never] = [named('longer'), named('never')];
    expiries.set(longer, Date.now() + 1_000);
    expiries.set(never, Date.now() + 1_000);
    expiries.set(longer, Date.now() + 10_000);
    expiries.set(never, undefined);

    jest.advanceTimersByTime(9_000);
    expect(expired).toEqual([]);
    jest.advanceTimersByTime(3_000);
    expect(expired).toEqual(['longer']);
  });

  it('does not mind a wall clock that is set', () => {
    expiries.set(named('a'), Date.now() + 60_000);
    jest.setSystemTime(Date.now() + 3_600_000);
    jest.advanceTimersByTime(59_000);
    expect(expired).toEqual([]);
    jest.setSystemTime(Date.now() - 7_200_000);
    jest.advanceTimersByTime(3_000);
    expect(expired).toEqual(['a']);
  });

  it('may end others', () => {
    const other = named('other');
    expiries.set({ bucket: undefined, expire: () => expiries.clear(other) }, Date.now() + 100);
    expiries.set(other, Date.now() + 3_000);
    jest.advanceTimersByTime(10_000);
    expect(expired).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });
});
