import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { PreparedFrames } from '../../../lib/transport/websocket/prepared-frames.js';
import { PING, PONG, TEXT, clientFrame } from '../../protocol/websocket/frames.js';
import { type Connected, connectedInTests } from './owner.js';

const connect = connectedInTests();

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
});

afterEach(() => void jest.useRealTimers());

describe('the idle time-out', () => {
  const idle = { idleTimeoutMs: 4000 };

  it('tells of a connection without messages, once', async () => {
    const { owner } = connect(idle);
    await jest.advanceTimersByTimeAsync(3999);
    expect(owner.log).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    expect(owner.log).toEqual(['idle 4000']);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(owner.log).toEqual(['idle 4000']);
  });

  it.each<[string, (one: Connected) => unknown]>([
    ['received', ({ connection }) => connection.receive(clientFrame(TEXT, 'a'))],
    ['sent', ({ connection }) => connection.send('a', false, true)],
    ['sent to all', ({ connection }) => connection.sendPrepared(new PreparedFrames(Buffer.from('a'), true))],
  ])('begins anew with each message that is %s, and ends a quarter late at the most', async (_what, act) => {
    const one = connect(idle);
    for (let i = 0; i < 5; i++) {
      await jest.advanceTimersByTimeAsync(3900);
      act(one);
    }
    await jest.advanceTimersByTimeAsync(3999);
    expect(one.owner.log).not.toContain('idle 4000');
    await jest.advanceTimersByTimeAsync(1001);
    expect(one.owner.log).toContain('idle 4000');
  });

  const slow = clientFrame(TEXT, 'a slow message');

  it.each<[string, (one: Connected, turn: number) => unknown]>([
    ['pings', ({ connection }) => connection.receive(clientFrame(PING, 'p'))],
    ['pongs', ({ connection }) => connection.receive(clientFrame(PONG, 'p'))],
    ['our own pings', ({ connection }) => connection.ping()],
    ['a message byte by byte', ({ connection }, i) => connection.receive(slow.subarray(i, i + 1))],
  ])('is not put off by %s', async (_what, act) => {
    const one = connect(idle);
    for (let i = 0; i < 8; i++) {
      act(one, i);
      await jest.advanceTimersByTimeAsync(500);
    }
    expect(one.owner.log.at(-1)).toBe('idle 4000');
  });

  it('does not judge a connection that we do not read from', async () => {
    const { owner, connection } = connect(idle);
    connection.pause();
    await jest.advanceTimersByTimeAsync(20_000);
    expect(owner.log).toEqual([]);
    connection.resume();
    await jest.advanceTimersByTimeAsync(5_000);
    expect(owner.log).toEqual(['idle 4000']);
  });

  it('says nothing of a connection that is closing', async () => {
    const { owner, connection } = connect({ ...idle, closeTimeoutMs: 60_000 });
    connection.close(1000);
    await jest.advanceTimersByTimeAsync(20_000);
    expect(owner.log).toEqual([]);
  });

  it('needs one timer for all connections, and none when they are gone', async () => {
    const all = Array.from({ length: 20 }, () => connect(idle));
    expect(jest.getTimerCount()).toBe(1);
    for (const { connection } of all) connection.terminate();
    await turn();
    expect(jest.getTimerCount()).toBe(0);
  });
});
