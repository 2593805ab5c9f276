import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { type CanActivate, type ExecutionContext, UseGuards } from '@nestjs/common';
import { NEVER, type Observable } from 'rxjs';
import { CurrentSession, Gateway, type GatewaySession, OnConnect, Subscribe } from 'nestwire';
import { connectRaw, exchange, handshake } from '../support/raw-http.js';
import { type Platform, type TestApp, startApp } from '../support/test-app.js';
import { WsClient } from '../support/ws-client.js';

const sessions: WeakRef<GatewaySession>[] = [];

class SlowGuard implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const session = context.switchToWs().getClient<GatewaySession>();
    sessions.push(new WeakRef(session));
    await new Promise((resolve) => setImmediate(resolve));
    return session.query['refuse'] === undefined;
  }
}

@Gateway('/mortal')
@UseGuards(SlowGuard)
class MortalGateway {
  @OnConnect()
  async connect(@CurrentSession() session: GatewaySession): Promise<void> {
    void session.join('all');
    session.closed$.subscribe();
    await new Promise((resolve) => setImmediate(resolve));
  }

  @Subscribe('watch')
  watch(): Observable<never> {
    return NEVER;
  }

  @Subscribe('wait')
  wait(): Promise<never> {
    return new Promise(() => undefined);
  }
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

type Death = (app: TestApp) => Promise<void>;

async function connected({ address }: TestApp): Promise<WsClient> {
  const client = await WsClient.connect(`ws://${address}/mortal`);
  client.send({ event: 'watch', id: 1 });
  client.send({ event: 'wait', id: 2 });
  client.send({ event: 'watch', id: 3 });
  return client;
}

const deaths: Record<string, Death> = {
  'a closing handshake': async (app) => (await connected(app)).close(),
  'a reset': async (app) => (await connected(app)).terminate(),
  'a bad frame': async ({ address }) => {
    await exchange(address, Buffer.from(`${handshake(address, { path: '/mortal' })}\x83\0`, 'latin1'));
  },
  'a refusal': async ({ address }) => {
    await WsClient.connect(`ws://${address}/mortal?refuse`).catch(() => undefined);
  },
  'a reset while guards decide': async ({ address }) => {
    const socket = await connectRaw(address);
    socket.write(handshake(address, { path: '/mortal' }));
    await new Promise((resolve) => setImmediate(resolve));
    socket.resetAndDestroy();
  },
};

const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

describe.each<Platform>(['Express', 'Fastify'])('sessions on %s', (platform) => {
  it.each(Object.entries(deaths))('are forgotten after %s', async (_, die) => {
    sessions.length = 0;
    const app = await startApp({ platform, module: { providers: [MortalGateway] } });
    await (await WsClient.connect(`ws://${app.address}/mortal`)).close();
    const timersBefore = timers();
    for (let i = 0; i < 30; i++) await die(app);
    const connections = (): Promise<number> =>
      new Promise((resolve) => app.server.getConnections((_error, count) => resolve(count)));
    while ((await connections()) > 0) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setTimeout(resolve, 20));
    collectGarbage();

    const alive = sessions.filter((session) => session.deref() !== undefined).length;
    const timersLeft = timers() - timersBefore;
    await app.close();

    // the last one or two may still be on the stack of something; Jest has timers of its own
    expect(alive).toBeLessThan(3);
    expect(timersLeft).toBeLessThan(5);
  });
});
