import { describe, expect, it } from '@jest/globals';
import {
  type CloseDetails,
  InvalidCloseError,
  type Membership,
  ReservedEventError,
} from '../../lib/session/index.js';
import { NO_CHANNELS, TestHost, attach, makeSession, openSession, settle } from '../support/test-session.js';

describe('a session', () => {
  it('shows where it comes from', () => {
    const session = makeSession(new TestHost());

    expect(session).toMatchObject({
      transport: 'websocket',
      resumable: false,
      url: '/chat/blue?a=1&a=2&b=x',
      params: { room: 'blue' },
      remoteAddress: '192.0.2.1',
    });
    expect({ ...session.query }).toEqual({ a: ['1', '2'], b: 'x' });
    expect(session.headers).toBe(session.request.headers);
  });

  it('has an id that no other has', () => {
    const session = makeSession(new TestHost());
    const { id } = session;
    expect(id).toHaveLength(36);
    expect(session.id).toBe(id);
    expect(makeSession(new TestHost()).id).not.toBe(id);
  });

  it('has the user that middleware found, until a guard finds another', () => {
    const session = makeSession(new TestHost());
    expect(session.user).toBeUndefined();
    Object.assign(session.request, { user: 'from middleware' });
    expect(session.user).toBe('from middleware');
    session.user = 'from a guard';
    expect(session.user).toBe('from a guard');
    Object.assign(session.request, { user: undefined });
  });

  it('keeps what the application puts into data', () => {
    const session = makeSession(new TestHost());
    session.data['seen'] = 1;

    expect(session.data).toEqual({ seen: 1 });
  });

  it('pushes to its client', () => {
    const { session, client } = openSession(new TestHost());
    session.push('news', { a: 1 });

    expect(client.messages).toEqual([{ event: 'news', data: { a: 1 } }]);
  });
});

describe('an event of the library', () => {
  it('is not pushed', () => {
    const { session, client } = openSession(new TestHost());

    expect(() => session.push('nestwire:gap', 1)).toThrow(ReservedEventError);
    expect(client.messages).toEqual([]);
  });
});

describe('before the client is accepted', () => {
  it('pushes and joins wait', () => {
    const joined: string[] = [];
    const membership: Membership = {
      ...NO_CHANNELS,
      join: (channel) => Promise.resolve((joined.push(channel), {})),
    };
    const session = makeSession(new TestHost(), {}, membership);
    session.push('news', 1);
    void session.join('a');
    void session.join('b');
    session.leave('b');
    expect(joined).toEqual([]);

    const client = attach(session);
    expect(client.messages).toEqual([{ event: 'news', data: 1 }]);
    expect(joined).toEqual(['a']);
  });

  it('a close waits too, behind what was pushed', () => {
    const session = makeSession(new TestHost());
    session.push('news', 1);
    session.close(4403, 'not you');
    const client = attach(session);

    expect(client.messages).toEqual([{ event: 'news', data: 1 }]);
    expect(client.closeFrame).toEqual({ code: 4403, reason: 'not you' });
  });

  it('pushes are bounded like later ones', () => {
    const session = makeSession(new TestHost(), { outboundBytes: 1000 });
    for (let i = 0; i < 100; i++) session.push('news', 'x'.repeat(100));
    const client = attach(session);

    expect(client.sent.length).toBeLessThan(12);
    expect(client.closeFrame?.code).toBe(4413);
  });
});

describe('closing a session', () => {
  it('sends code and reason, once', () => {
    const { session, client } = openSession(new TestHost());
    session.close(4000, 'done');
    session.close(4001, 'again');

    expect(client.closeFrame).toEqual({ code: 4000, reason: 'done' });
  });

  it.each([999, 1004, 1005, 1006, 1015, 2999, 5000, 1.5, Number.NaN])('refuses the code %d', (code) => {
    const { session, client } = openSession(new TestHost());

    expect(() => session.close(code)).toThrow(InvalidCloseError);
    expect(client.closeFrame).toBeUndefined();
  });

  it('refuses a reason of more than 123 bytes', () => {
    const { session } = openSession(new TestHost());

    expect(() => session.close(1000, 'ü'.repeat(62))).toThrow('124 bytes');
  });

  it('ends what runs: nothing more is dispatched or sent', () => {
    const ran: unknown[] = [];
    const host = new TestHost().on('a', (data) => ran.push(data));
    const { session, client } = openSession(host);
    session.close();
    client.receive({ event: 'a', data: 1, id: 1 });
    session.push('news', 1);

    expect(ran).toEqual([]);
    expect(client.messages).toEqual([]);
  });
});

describe('the end of a session', () => {
  it('is told to its host and to closed$, once, with code and reason', () => {
    const host = new TestHost();
    const { session, client } = openSession(host);
    const seen: CloseDetails[] = [];
    let completed = false;
    session.closed$.subscribe({ next: (details) => seen.push(details), complete: () => (completed = true) });
    client.disconnect(1001, 'bye');
    client.disconnect(1006, '', false);

    expect(host.endings).toEqual([{ code: 1001, reason: 'bye', clean: true }]);
    expect(seen).toEqual(host.endings);
    expect(completed).toBe(true);
  });

  it('is told to who asks later', () => {
    const { session, client } = openSession(new TestHost());
    client.disconnect(1006, '', false);
    const seen: CloseDetails[] = [];
    session.closed$.subscribe((details) => seen.push(details));

    expect(seen).toEqual([{ code: 1006, reason: '', clean: false }]);
  });

  it('is also told when the client never was accepted', () => {
    const host = new TestHost();
    const session = makeSession(host);
    void session.join('a');
    session.closed(1006, '', false);

    expect(host.endings).toHaveLength(1);
  });

  it('leaves all channels', async () => {
    const members = new Set<string>();
    const membership: Membership = {
      ...NO_CHANNELS,
      join: (channel) => Promise.resolve((members.add(channel), {})),
      leave: (channel) => void members.delete(channel),
    };
    const { session, client } = openSession(new TestHost(), {}, membership);
    await Promise.all([session.join('a'), session.join('b')]);
    client.disconnect();
    void session.join('c');

    expect([...members]).toEqual([]);
  });
});

describe('a join that the broker refuses', () => {
  it('rejects for who waits, and harms nobody who does not', async () => {
    const membership: Membership = { ...NO_CHANNELS, join: () => Promise.reject(new Error('down')) };
    const { session } = openSession(new TestHost(), {}, membership);

    await expect(session.join('a')).rejects.toThrow('down');
    void session.join('b');
    await settle();
  });
});
