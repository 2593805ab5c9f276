import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  type Limits,
  ResumableSessions,
  ReturningSession,
  parseSessionTicket,
  resolveLimits,
} from '../../lib/session/index.js';
import { Subject } from 'rxjs';
import { MemoryTransport } from '../support/memory-transport.js';
import { type ResumableClient, openResumable } from '../support/resumable-client.js';
import { NO_CHANNELS, ORIGIN, TestHost, settle } from '../support/test-session.js';

let host: TestHost;
let sessions: ResumableSessions;

function open(limits: Partial<Limits> = {}): ReturnType<typeof openResumable> {
  sessions = new ResumableSessions(resolveLimits(limits));
  return openResumable(host, sessions, limits);
}

const dataOf = (client: ResumableClient): unknown[] => client.take().map(({ data }) => data);

beforeEach(() => {
  host = new TestHost().on('echo', (data) => data);
});

afterEach(() => {
  jest.useRealTimers();
});

describe('a new resumable session', () => {
  it('tells its client first of all what it needs to come back', () => {
    const { session, client } = open();

    expect(client.said).toEqual({
      id: session.id,
      secret: expect.stringMatching(/^[\w-]{24}$/),
      resumed: false,
      received: 0,
      heartbeatMs: 25_000,
      windowMs: 120_000,
    });
    expect(session.resumable).toBe(true);
    expect(parseSessionTicket(`${session.id}.${client.said!.secret}`)).toEqual({
      id: session.id,
      secret: client.said!.secret,
    });
  });

  it('is found by id and secret, and by nothing else', async () => {
    const { session, client } = open();
    const { id, secret } = client.said!;

    expect(await sessions.find({ id, secret })).toBe(session);
    expect(await sessions.find({ id, secret: secret.slice(1) })).toBeUndefined();
    expect(await sessions.find({ id, secret: 'x'.repeat(24) })).toBeUndefined();
    expect(await sessions.find({ id, secret: '' })).toBeUndefined();
    expect(await sessions.find({ id: '__proto__', secret })).toBeUndefined();
  });

  it('answers a ping, which does not count', () => {
    const { client } = open();
    client.transport.receive({ event: 'echo', id: 1 });
    client.transport.receive({ event: 'nestwire:ping' });

    expect(client.take()).toEqual([
      { event: 'echo', id: 1 },
      { event: 'nestwire:pong', data: { received: 1 } },
    ]);
  });
});

describe('a client that comes back', () => {
  it('gets what it missed, once and in order, then what follows', () => {
    const { session, client } = open();
    for (const i of [1, 2, 3]) session.push('n', i);
    client.breakOff();
    session.push('n', 4);
    client.comeBack();
    session.push('n', 5);
    expect(client.take()).toEqual([]);
    client.resume(2);
    session.push('n', 6);

    expect(dataOf(client)).toEqual([3, 4, 5, 6]);
  });

  it('is told how many of its messages came, control messages not among them', () => {
    const { client } = open();
    client.transport.receive({ event: 'echo', id: 1 });
    client.transport.receive('no JSON');
    client.transport.receive({ event: 'nestwire:cancel', id: 1 });
    client.transport.receive({ event: 'nestwire:ack', data: { received: 1 } });
    client.breakOff();
    client.comeBack();

    expect(client.said).toMatchObject({ resumed: true, received: 2 });
  });

  it('finds its requests running, and their answers waiting', async () => {
    const gate = new Subject<number>();
    host.on('watch', () => gate).on('later', () => settle().then(() => 'done'));
    const { client } = open();
    client.transport.receive({ event: 'later', id: 1 });
    client.transport.receive({ event: 'watch', id: 2 });
    client.breakOff();
    await settle();
    await settle();
    gate.next(7);
    client.comeBack();
    client.resume(0);
    gate.next(8);

    expect(client.take()).toEqual([
      { event: 'later', id: 1, data: 'done' },
      { event: 'watch', id: 2, data: 7, more: true },
      { event: 'watch', id: 2, data: 8, more: true },
    ]);
  });

  it('has another secret each time; the old one holds until the new one was used', () => {
    const { session, client } = open();
    const secrets = [client.said!.secret];
    client.breakOff();
    client.comeBack(secrets[0]); // and never hears of the secret that it was given
    secrets.push(client.said!.secret);
    client.breakOff();
    expect(session.matches(secrets[0]!)).toBe(true);
    client.comeBack(secrets[0]);
    secrets.push(client.said!.secret);
    client.breakOff();
    client.comeBack(secrets[2]);
    secrets.push(client.said!.secret);

    expect(new Set(secrets).size).toBe(4);
    expect(secrets.map((secret) => session.matches(secret))).toEqual([false, false, true, true]);
  });

  it('may come by another transport, and with another request', () => {
    const { session, client } = open();
    const { secret } = client.said!;
    const origin = { ...ORIGIN, transport: 'event-stream' as const, url: '/chat/blue?a=2' };
    expect(session.transport).toBe('websocket');
    expect(session.query['a']).toEqual(['1', '2']);
    const returning = new ReturningSession(origin, session, secret);
    returning.user = 'ann';
    expect([session.transport, session.user]).toEqual(['websocket', undefined]);

    returning.attach(new MemoryTransport());
    expect([session.transport, session.url, session.query['a'], session.user]).toEqual([
      'event-stream',
      '/chat/blue?a=2',
      '2',
      'ann',
    ]);
  });

  it('keeps its user when guards find none this time', () => {
    const { session, client } = open();
    session.user = 'ann';
    client.comeBack();

    expect(session.user).toBe('ann');
  });

  it('closes its older connection with 4409, and what comes from that is not heard', () => {
    const { session, client } = open();
    const older = client.transport;
    client.comeBack();
    client.resume(0);
    older.receive({ event: 'echo', data: 'from the older one' });
    older.disconnect(1000);
    session.push('n', 1);

    expect(older.closeFrame).toEqual({ code: 4409, reason: 'replaced by a newer connection' });
    expect(dataOf(client)).toEqual([1]);
    expect(host.endings).toEqual([]);
  });

  it('has to resume in time, else its connection is closed and the session waits again', () => {
    jest.useFakeTimers();
    const { client } = open({ handshakeMs: 1000, resumeWindowMs: 5000 });
    client.breakOff();
    client.comeBack();
    jest.advanceTimersByTime(1001);
    expect(client.transport.closeFrame?.code).toBe(4408);

    client.comeBack();
    client.resume(0);
    jest.advanceTimersByTime(60_000);
    expect(host.endings).toEqual([]);
  });

  it.each([[{}], [{ received: -1 }], [{ received: 7 }], [{ received: 0, cursors: { c: 1 } }], ['x'], [null]])(
    'is closed with 4400 for the resume %j',
    (data) => {
      const { client } = open();
      client.breakOff();
      client.comeBack();
      client.transport.receive({ event: 'nestwire:resume', data });

      expect(client.transport.closeFrame?.code).toBe(4400);
    },
  );

  it('may name more cursors than channels: those of its channels are used, and the last of the others', () => {
    const joins: [string, string | undefined][] = [];
    host.membership = {
      ...NO_CHANNELS,
      join: (channel, _, from) => Promise.resolve(joins.push([channel, from])).then(() => ({})),
    };
    const { session, client } = open({ channels: 2 });
    void session.join('mine');
    client.breakOff();
    client.comeBack();
    joins.length = 0;
    client.resume(0, { other: '1.e.1', mine: '1.e.2', last: '1.e.3' });
    void session.join('last');
    session.leave('last');
    void session.join('other');

    expect(client.transport.closeFrame).toBeUndefined();
    expect(joins).toEqual([
      ['mine', '1.e.2'],
      ['last', '1.e.3'],
      ['other', undefined],
    ]);
  });

  it('cannot resume twice', () => {
    const { client } = open();
    client.resume(0);

    expect(client.take()).toEqual([
      expect.objectContaining({
        event: 'exception',
        data: expect.objectContaining({ code: 'UNKNOWN_EVENT' }),
      }),
    ]);
  });
});

describe('what is kept for a client', () => {
  it('is bounded by count: what is lost is told, what is left is sent', () => {
    const { session, client } = open({ ringMessages: 3 });
    client.breakOff();
    for (let i = 1; i <= 10; i++) session.push('n', i);
    client.comeBack();
    client.resume(2);

    expect(dataOf(client)).toEqual([{ missed: 5 }, 8, 9, 10]);
  });

  it('is bounded by bytes, and keeps no message that alone has more', () => {
    const { session, client } = open({ ringBytes: 100 });
    client.breakOff();
    session.push('n', 1);
    session.push('n', 'x'.repeat(100));
    session.push('n', 2);
    client.comeBack();
    client.resume(0);

    expect(client.take()).toEqual([
      { event: 'nestwire:gap', data: { missed: 2 } },
      { event: 'n', data: 2 },
    ]);
  });

  it('is let go when the client acknowledges it', () => {
    const { session, client } = open({ ringMessages: 3 });
    for (let i = 1; i <= 3; i++) session.push('n', i);
    const before = session.keptBytes;
    client.transport.receive({ event: 'nestwire:ack', data: { received: 2 } });
    client.transport.receive({ event: 'nestwire:ack', data: { received: 99 } });

    expect(session.keptBytes).toBe(before / 3);
  });

  it('may be counted on through many rounds', () => {
    const { session, client } = open({ ringMessages: 7 });
    let received = 0;
    for (let round = 0; round < 50; round++) {
      client.breakOff();
      for (let i = 0; i < 5; i++) session.push('n', round * 5 + i);
      client.comeBack();
      client.resume(received);
      const data = dataOf(client);
      expect(data).toEqual([0, 1, 2, 3, 4].map((i) => round * 5 + i));
      received += data.length;
    }
  });

  it('makes an async iterable wait when it is much', async () => {
    let pulled = 0;
    host.on('all', async function* () {
      while (pulled < 100) yield 'x'.repeat(100) + String(++pulled);
    });
    const { client } = open({ highWaterBytes: 500, ringBytes: 10_000 });
    client.breakOff();
    client.session.message(JSON.stringify({ event: 'all', id: 1 }));
    await settle();
    expect(pulled).toBeLessThan(8);

    client.comeBack();
    client.resume(0);
    await settle();
    expect(pulled).toBe(100);
  });
});

describe('a client that reads too slowly', () => {
  it('loses its connection with 4413, not its session', () => {
    const { session, client } = open({ outboundBytes: 500 });
    client.transport.isStalled = true;
    for (let i = 1; i <= 20; i++) session.push('n', `${i}${'x'.repeat(40)}`);
    expect(client.transport.closeFrame?.code).toBe(4413);

    const got = client.take().length;
    client.comeBack();
    client.resume(got);
    const [first] = client.take();
    expect(first).toMatchObject({ event: 'nestwire:gap' });
    expect(host.endings).toEqual([]);
  });
});

describe('the end of a resumable session', () => {
  it.each([1000, 1001, 1005])('comes when its client closes with %d', async (code) => {
    const { client } = open();
    client.transport.disconnect(code, 'bye');

    expect(host.endings).toEqual([{ code, reason: 'bye', clean: true }]);
    expect(await sessions.find(client.said!)).toBeUndefined();
  });

  it.each([1006, 1002, 1009, 1011, 4413])(
    'does not come with a connection that ends with %d',
    async (code) => {
      const { session, client } = open();
      client.transport.disconnect(code, '', false);

      expect(host.endings).toEqual([]);
      expect(await sessions.find(client.said!)).toBe(session);
    },
  );

  it('comes once, with how the last connection ended, when nobody came back in time', () => {
    jest.useFakeTimers();
    const { session, client } = open({ resumeWindowMs: 5000 });
    client.transport.disconnect(1006, '', false);
    jest.advanceTimersByTime(4999);
    expect(host.endings).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(host.endings).toEqual([{ code: 1006, reason: '', clean: false }]);
    session.close();

    expect(host.endings).toHaveLength(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('is told at once when the application closes a session without a connection', () => {
    const { session, client } = open();
    client.breakOff();
    session.close(4403, 'revoked');

    expect(host.endings).toEqual([{ code: 4403, reason: 'revoked', clean: false }]);
  });

  it('waits for the closing handshake where there is a connection; nobody can resume meanwhile', async () => {
    const { session, client } = open();
    session.close(4403, 'revoked');
    expect(client.transport.closeFrame).toEqual({ code: 4403, reason: 'revoked' });
    expect(await sessions.find(client.said!)).toBeUndefined();
    expect(host.endings).toEqual([]);

    client.transport.disconnect(4403, 'revoked');
    expect(host.endings).toEqual([{ code: 4403, reason: 'revoked', clean: true }]);
  });

  it('does not come by closing the connection alone', () => {
    const { session, client } = open();
    session.closeConnection(4401, 'credentials expired');
    expect(client.transport.closeFrame).toEqual({ code: 4401, reason: 'credentials expired' });

    client.comeBack();
    expect(client.said).toMatchObject({ resumed: true });
  });
});
