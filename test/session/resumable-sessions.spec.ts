import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Limits, ResumableSessions, resolveLimits } from '../../lib/session/index.js';
import { openResumable } from '../support/resumable-client.js';
import { TestHost } from '../support/test-session.js';

describe('the resumable sessions of a process', () => {
  let host: TestHost;
  let sessions: ResumableSessions;

  beforeEach(() => {
    jest.useFakeTimers();
    host = new TestHost();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  function openMany(count: number, limits: Partial<Limits>): ReturnType<typeof openResumable>[] {
    sessions = new ResumableSessions(resolveLimits(limits));
    return Array.from({ length: count }, () => openResumable(host, sessions, limits));
  }

  async function findable(opened: ReturnType<typeof openMany>): Promise<boolean[]> {
    const found = await Promise.all(opened.map(({ client }) => sessions.find(client.said!)));
    return found.map((session) => session !== undefined);
  }

  it('wait each for its own time, with one timer for all', async () => {
    const opened = openMany(3, { resumeWindowMs: 1000 });
    for (const { client } of opened) {
      client.breakOff();
      jest.advanceTimersByTime(300);
    }
    expect(jest.getTimerCount()).toBe(1);

    jest.advanceTimersByTime(100); // 1,000, 700 and 400 ms
    expect(await findable(opened)).toEqual([false, true, true]);
    opened[1]!.client.comeBack();
    opened[1]!.client.resume(0);
    jest.advanceTimersByTime(600);
    expect(await findable(opened)).toEqual([false, true, false]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('wait anew after each connection', async () => {
    const opened = openMany(1, { resumeWindowMs: 1000 });
    const { client } = opened[0]!;
    for (let i = 0; i < 5; i++) {
      client.breakOff();
      jest.advanceTimersByTime(900);
      client.comeBack();
      client.resume(0);
    }

    expect(await findable(opened)).toEqual([true]);
  });

  it('may wait longer than a timer can', async () => {
    const opened = openMany(1, { resumeWindowMs: 2 ** 40 });
    opened[0]!.client.breakOff();
    jest.advanceTimersByTime(2 ** 31 + 10);

    expect(await findable(opened)).toEqual([true]);
    expect(jest.getTimerCount()).toBe(1);
  });

  it('are so many at most without a connection: who waits longest ends', async () => {
    const opened = openMany(4, { detachedSessions: 2 });
    for (const { client } of opened) client.breakOff();

    expect(await findable(opened)).toEqual([false, false, true, true]);
    expect(host.endings).toHaveLength(2);
  });

  it('keep so many bytes at most without a connection, of what was sent before and since', async () => {
    const opened = openMany(3, { detachedBytes: 1000 });
    for (const { session, client } of opened) {
      session.push('n', 'x'.repeat(280));
      client.breakOff();
    }
    expect(await findable(opened)).toEqual([true, true, true]);

    opened[2]!.session.push('n', 'x'.repeat(280));
    expect(await findable(opened)).toEqual([false, true, true]);
    opened[2]!.session.push('n', 'x'.repeat(280));
    opened[2]!.session.push('n', 'x'.repeat(280));
    expect(await findable(opened)).toEqual([false, false, false]);
  });

  it('count nothing of those that have a connection', async () => {
    const opened = openMany(3, { detachedBytes: 500, detachedSessions: 1 });
    for (const { session, client } of opened) {
      client.breakOff();
      session.push('n', 'x'.repeat(300));
      client.comeBack();
      client.resume(0);
    }
    opened[0]!.client.breakOff();

    expect(await findable(opened)).toEqual([true, true, true]);
  });
});
