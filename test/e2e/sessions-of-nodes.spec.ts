import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CurrentSession, Gateway, type GatewaySession, OnConnect, Sessions } from 'nestwire';
import { redis } from 'nestwire/redis';
import { RedisServer } from '../support/redis-server.js';
import { type TestApp, startApp } from '../support/test-app.js';
import { WsClient } from '../support/ws-client.js';

@Gateway('/desk')
class DeskGateway {
  readonly ids: string[] = [];

  constructor(private readonly sessions: Sessions) {}

  @OnConnect()
  connect(@CurrentSession() session: GatewaySession): void {
    this.ids.push(session.id);
    this.sessions.authenticate(session, { user: { id: String(session.query['user']) } });
  }
}

describe('the sessions of three nodes', () => {
  let server: RedisServer;
  const apps: TestApp[] = [];

  beforeAll(async () => {
    server = await RedisServer.start();
  });

  afterAll(() => server.stop());

  beforeEach(async () => {
    for (let i = 0; i < 3; i++) {
      const nestwire = { broker: redis({ url: server.url }) };
      apps.push(await startApp({ module: { providers: [DeskGateway] }, nestwire }));
    }
  });

  afterEach(async () => {
    await Promise.all(apps.splice(0).map(({ close }) => close()));
  });

  const open = (node: number, user: string): Promise<WsClient> =>
    WsClient.connect(`ws://${apps[node]!.address}/desk?user=${user}`);

  const sessionsOf = (node: number): Sessions => apps[node]!.app.get(Sessions);
  const idOn = (node: number): string => apps[node]!.app.get(DeskGateway).ids[0]!;

  it('are revoked on all of them at once, and counted', async () => {
    const anns = [await open(0, 'ann'), await open(1, 'ann'), await open(1, 'ann')];
    const bob = await open(2, 'bob');

    expect(await sessionsOf(2).revoke('ann', 'signed out')).toEqual({ sessions: 3, isComplete: true });
    const ends = await Promise.all(anns.map(({ closed }) => closed));
    expect(ends).toEqual(Array.from({ length: 3 }, () => ({ code: 4403, reason: 'signed out' })));
    expect(bob.socket.readyState).toBe(bob.socket.OPEN);
    bob.terminate();
  });

  it('are closed by their id from any node', async () => {
    const ann = await open(0, 'ann');

    expect(await sessionsOf(1).close(idOn(0), 4000, 'enough')).toBe(true);
    expect(await ann.closed).toEqual({ code: 4000, reason: 'enough' });
    expect(await sessionsOf(1).close(idOn(0))).toBe(false);
  });

  it('are sent messages by their id from any node', async () => {
    const ann = await open(0, 'ann');
    const data = { text: 'é', nested: [1, null] };

    expect(await sessionsOf(2).push(idOn(0), 'note', data)).toBe(true);
    expect(await sessionsOf(0).push(idOn(0), 'note')).toBe(true);
    expect(await ann.take(2)).toEqual([{ event: 'note', data }, { event: 'note' }]);
    ann.terminate();
  });

  it('are not there when their node is gone, or never was', async () => {
    const ann = await open(0, 'ann');
    const id = idOn(0);
    await apps.shift()!.close();
    await ann.closed;

    const sessions = sessionsOf(0);
    expect(await sessions.push(id, 'note', 1)).toBe(false);
    expect(await sessions.push(`${'A'.repeat(12)}~${'0'.repeat(36)}`, 'note', 1)).toBe(false);
    expect(await sessions.close('nothing like an id')).toBe(false);
  });

  it('refuse what could not be sent here either', async () => {
    const ann = await open(0, 'ann');
    const sessions = sessionsOf(1);

    await expect(sessions.push(idOn(0), 'nestwire:x', 1)).rejects.toMatchObject({ code: 'RESERVED_EVENT' });
    await expect(sessions.close(idOn(0), 1005)).rejects.toMatchObject({ code: 'INVALID_CLOSE' });
    await expect(sessions.revoke('ann', 'x'.repeat(124))).rejects.toMatchObject({ code: 'INVALID_CLOSE' });
    const large = 'x'.repeat(600_000);
    await expect(sessions.push(idOn(0), 'note', large)).rejects.toMatchObject({ code: 'LETTER_TOO_LARGE' });
    ann.terminate();
  });

  it('of this node are revoked although Redis is away, and the caller is told that others are not', async () => {
    const ann = await open(0, 'ann');
    await server.kill();
    try {
      await expect(sessionsOf(0).revoke('ann')).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
      expect(await ann.closed).toMatchObject({ code: 4403 });
    } finally {
      await server.run();
    }
  }, 30_000);
});
