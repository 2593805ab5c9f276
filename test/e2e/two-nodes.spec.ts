/** What two nodes do for each other, whatever kind of Redis is between them. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { UseGuards } from '@nestjs/common';
import {
  CredentialGuard,
  CurrentSession,
  Gateway,
  type GatewaySession,
  OnConnect,
  Payload,
  Sessions,
  Subscribe,
  Tickets,
} from 'nestwire';
import { type RedisBrokerOptions, redis } from 'nestwire/redis';
import { RedisCluster } from '../support/redis-cluster.js';
import { RedisServer } from '../support/redis-server.js';
import { ResumingWsClient } from '../support/resuming-ws-client.js';
import { type TestApp, startApp } from '../support/test-app.js';
import { WsClient } from '../support/ws-client.js';

class TicketGuard extends CredentialGuard {
  constructor() {
    super({ from: ['ticket'] });
  }

  protected verify(): undefined {
    // nothing but tickets
  }
}

@Gateway('/desk')
class DeskGateway {
  @OnConnect()
  @UseGuards(TicketGuard)
  connect(): void {}

  @Subscribe('who')
  who(@CurrentSession() session: GatewaySession): unknown {
    return session.user;
  }
}

@Gateway('/open')
class OpenGateway {
  constructor(private readonly sessions: Sessions) {}

  @OnConnect()
  connect(@CurrentSession() session: GatewaySession): void {
    this.sessions.authenticate(session, { user: { id: String(session.headers['x-user']) } });
  }

  @Subscribe('echo')
  echo(@Payload() data: unknown): unknown {
    return data;
  }
}

interface Engine {
  readonly options: RedisBrokerOptions;
  stop(): Promise<void>;
}

const ENGINES: Record<string, () => Promise<Engine>> = {
  'one Redis': async () => {
    const server = await RedisServer.start();
    return { options: { url: server.url }, stop: () => server.stop() };
  },
  'a Redis Cluster': async () => {
    const cluster = await RedisCluster.start();
    return { options: { cluster: cluster.urls }, stop: () => cluster.stop() };
  },
};

describe.each(Object.keys(ENGINES))('two nodes on %s', (name) => {
  let engine: Engine;
  let apps: TestApp[] = [];

  beforeAll(async () => {
    engine = await ENGINES[name]!();
  });

  afterAll(() => engine.stop());

  beforeEach(async () => {
    const providers = [DeskGateway, OpenGateway, TicketGuard];
    const start = (): Promise<TestApp> =>
      startApp({ module: { providers }, nestwire: { broker: redis(engine.options) } });
    apps = [await start(), await start()];
  });

  afterEach(() => Promise.all(apps.map(({ close }) => close())));

  const urlAt = (node: number, path: string): string => `ws://${apps[node]!.address}${path}`;
  const ticketOf = (node: number): string =>
    apps[node]!.app.get(Tickets).issue({ user: { id: 'ann', since: node } });
  const redeemAt = (node: number, ticket: string): Promise<WsClient> =>
    WsClient.connect(urlAt(node, `/desk?ticket=${ticket}`));

  it('let a client in by a ticket of the other, once', async () => {
    const ticket = ticketOf(0);
    const client = await redeemAt(1, ticket);

    expect(await client.request('who')).toMatchObject({ data: { id: 'ann', since: 0 } });
    for (const node of [0, 1]) await expect(redeemAt(node, ticket)).rejects.toMatchObject({ status: 401 });
    expect(await apps[0]!.app.get(Sessions).revoke('ann')).toEqual({ sessions: 1, isComplete: true });
    expect(await client.closed).toMatchObject({ code: 4403 });
  });

  it('let one client in by a ticket that is shown to both at once', async () => {
    const ticket = ticketOf(0);
    const tries = [0, 1, 0, 1].map((node) => redeemAt(node, ticket));
    const outcomes = await Promise.allSettled(tries);
    for (const outcome of outcomes) if (outcome.status === 'fulfilled') await outcome.value.close();

    const refused = outcomes.filter(({ status }) => status === 'rejected');
    expect(refused.map((outcome) => (outcome as { reason: unknown }).reason)).toEqual(
      Array.from({ length: 3 }, () => expect.objectContaining({ status: 401 })),
    );
  });

  it('refuse a ticket with 401 when the node that issued it is gone', async () => {
    const ticket = ticketOf(0);
    await apps.shift()!.close();

    await expect(redeemAt(0, ticket)).rejects.toMatchObject({ status: 401 });
  });

  it('hand the clients of each other over', async () => {
    const client = new ResumingWsClient(urlAt(0, '/open'), { 'X-User': 'ben' });
    await client.connect();
    client.send({ event: 'echo', data: 1, id: 1 });
    await client.until(() => client.messages.length === 1);
    client.reset();
    client.send({ event: 'echo', data: 'x'.repeat(200_000), id: 2 });
    client.url = urlAt(1, '/open');

    expect(await client.connect()).toMatchObject({ resumed: true });
    await client.until(() => client.messages.length === 2);
    expect(client.messages[1]).toEqual({ event: 'echo', id: 2, data: 'x'.repeat(200_000) });
    expect(await apps[1]!.app.get(Sessions).close(client.introduction!.id, 4000)).toBe(true);
    await client.until(() => client.closeCodes.includes(4000));
  });
});
