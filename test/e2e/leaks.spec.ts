import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { setImmediate as turn } from 'node:timers/promises';
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
    await turn();
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
    await turn();
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
    await turn();
    socket.resetAndDestroy();
  },
  'a reset in the middle of a message': async ({ address }) => {
    const socket = await connectRaw(address);
    socket.write(`${handshake(address, { path: '/mortal' })}\x81\xfe`, 'latin1');
    await once(socket, 'readable');
    socket.resetAndDestroy();
  },
  'a reset of a client that does not come back': async ({ address }) => {
    const client = await WsClient.connect(`ws://${address}/mortal?nestwire-session=new`);
    client.send({ event: 'watch', id: 1 });
    await client.next();
    client.terminate();
  },
  'a request for a session over HTTP that is never used': async ({ address }) => {
    const headers = { 'Nestwire-Session': 'new', 'Content-Type': 'application/nestwire+json' };
    const { status } = await fetch(`http://${address}/mortal`, { method: 'POST', headers });
    expect(status).toBe(201);
  },
  'an event stream that its client breaks off': async ({ address }) => {
    const url = `http://${address}/mortal`;
    const headers = { 'Nestwire-Session': 'new', 'Content-Type': 'application/nestwire+json' };
    const created = (await (await fetch(url, { method: 'POST', headers })).json()) as Created;
    const { id, secret } = created.messages[0].data;
    const socket = await connectRaw(address);
    const session = `Nestwire-Session: ${id}.${secret}`;
    socket.write(
      `GET /mortal HTTP/1.1\r\nHost: ${address}\r\nAccept: text/event-stream\r\n${session}\r\n\r\n`,
    );
    await once(socket, 'readable');
    socket.resetAndDestroy();
  },
};

interface Created {
  readonly messages: readonly [{ readonly data: { readonly id: string; readonly secret: string } }];
}

/** Longer than any session is waited for. */
const DEADLINE_MS = 20_000;

const alive = (): number => sessions.filter((session) => session.deref() !== undefined).length;
const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

describe.each<Platform>(['Express', 'Fastify'])('sessions on %s', (platform) => {
  it.each(Object.entries(deaths))('are forgotten after %s', async (_, die) => {
    sessions.length = 0;
    const app = await startApp({
      platform,
      module: { providers: [MortalGateway] },
      nestwire: { limits: { resumeWindowMs: 100 } },
    });
    await (await WsClient.connect(`ws://${app.address}/mortal`)).close();
    const timersBefore = timers();
    for (let i = 0; i < 30; i++) await die(app);
    const connections = (): Promise<number> =>
      new Promise((resolve) => app.server.getConnections((_error, count) => resolve(count)));
    while ((await connections()) > 0) {
      app.server.closeIdleConnections(); // `fetch` keeps its own for later
      await turn();
    }
    // the last one or two may still be on the stack of something; Jest has timers of its own
    const isClean = (): boolean => alive() < 3 && timers() - timersBefore < 5;
    for (const end = performance.now() + DEADLINE_MS; !isClean() && performance.now() < end;) {
      await turn();
      collectGarbage();
    }
    const left = { sessions: alive(), timers: timers() - timersBefore };
    await app.close();

    expect(left.sessions).toBeLessThan(3);
    expect(left.timers).toBeLessThan(5);
  });
});
