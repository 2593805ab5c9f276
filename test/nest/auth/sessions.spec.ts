import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type GatewaySession, InvalidIdentityError, Sessions } from 'nestwire';
import { type MemoryTransport } from '../../support/memory-transport.js';
import { TestHost, makeSession, openSession } from '../../support/test-session.js';

const ann = { user: { id: 'ann' } };

describe('the sessions of a principal', () => {
  let sessions: Sessions;

  beforeEach(() => {
    jest.useFakeTimers();
    sessions = new Sessions();
  });

  afterEach(() => void jest.useRealTimers());

  const open = (): { session: GatewaySession; client: MemoryTransport } => openSession(new TestHost());

  it('are those that somebody vouched for, until they end', () => {
    const { session, client } = open();
    expect(sessions.isAuthenticated(session)).toBe(false);
    sessions.authenticate(session, { ...ann, expiresAt: Date.now() + 60_000 });

    expect(session.user).toBe(ann.user);
    expect(sessions.isAuthenticated(session)).toBe(true);
    expect(sessions.ofPrincipal('ann')).toEqual([session]);
    client.disconnect();
    expect(sessions.isAuthenticated(session)).toBe(false);
    expect(sessions.ofPrincipal('ann')).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('leave out one that had ended before', () => {
    const { session, client } = open();
    client.disconnect();
    sessions.authenticate(session, ann);

    expect(sessions.ofPrincipal('ann')).toEqual([]);
  });

  it('are closed with 4401 when they expire, as told last', () => {
    const { session, client } = open();
    sessions.authenticate(session, { ...ann, expiresAt: new Date(Date.now() + 5_000) });
    sessions.authenticate(session, { ...ann, expiresAt: Date.now() + 60_000 });
    jest.advanceTimersByTime(58_000);
    expect(client.closeFrame).toBeUndefined();

    jest.advanceTimersByTime(4_000);
    expect(client.closeFrame).toEqual({ code: 4401, reason: 'credentials expired' });
  });

  it('stay those of one principal, though the client may return in another shape', () => {
    const { session } = open();
    const returning = makeSession(new TestHost());
    Object.defineProperty(returning, 'id', { value: session.id });
    sessions.authenticate(session, ann);

    expect(() => sessions.authenticate(returning, { user: { id: 'bob' } })).toThrow('another principal');
    sessions.authenticate(returning, { user: { id: 'ann', again: true } });
    expect(returning.user).toEqual({ id: 'ann', again: true });
    expect(sessions.ofPrincipal('ann')).toEqual([session]);
    expect(sessions.ofPrincipal('bob')).toEqual([]);
  });

  it('are all closed with 4403 when they are revoked, also before they are accepted', async () => {
    const connecting = makeSession(new TestHost());
    const { session, client } = open();
    for (const one of [connecting, session]) sessions.authenticate(one, ann);
    await sessions.revoke('ann');
    await sessions.revoke('nobody');

    expect(client.closeFrame).toEqual({ code: 4403, reason: 'revoked' });
    connecting.closed(4403, 'revoked', true);
    expect(sessions.isAuthenticated(connecting)).toBe(false);
  });

  it('need a principal', () => {
    const { session } = open();

    expect(() => sessions.authenticate(session, { user: 'ann' })).toThrow(InvalidIdentityError);
    expect(session.user).toBeUndefined();
  });

  it('take in-band tokens only where somebody can verify them', async () => {
    const { session } = open();
    await expect(sessions.renew(session, 'x')).rejects.toMatchObject({ code: 'TOKEN_UNEXPECTED' });
    sessions.authenticate(session, ann);
    await expect(sessions.renew(session, 'x')).rejects.toMatchObject({ code: 'TOKEN_UNEXPECTED' });

    const expiresAt = Date.now() + 60_000;
    sessions.authenticate(session, ann, (token) => ({ user: { id: 'ann', token }, expiresAt }));
    expect(await sessions.renew(session, 'x')).toBe(expiresAt);
    expect(session.user).toEqual({ id: 'ann', token: 'x' });
  });

  it('do not change by a token whose session ended while it was verified', async () => {
    const { session, client } = open();
    sessions.authenticate(session, ann, async () => {
      client.disconnect();
      return Promise.resolve({ user: { id: 'ann' }, expiresAt: Date.now() + 60_000 });
    });

    expect(await sessions.renew(session, 'x')).toBeUndefined();
    expect(jest.getTimerCount()).toBe(0);
  });
});
