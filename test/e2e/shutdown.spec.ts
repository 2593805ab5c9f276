import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import {
  Channels,
  CurrentSession,
  Gateway,
  type GatewaySession,
  OnConnect,
  OnDisconnect,
  Subscribe,
} from 'nestwire';
import { NEVER, type Observable, finalize } from 'rxjs';
import { connectRaw, handshake } from '../support/raw-http.js';
import { type Platform, startApp } from '../support/test-app.js';
import { WsClient } from '../support/ws-client.js';

const log: string[] = [];

@Gateway('/long')
class LongGateway {
  constructor(private readonly channels: Channels) {}

  @OnConnect()
  connect(@CurrentSession() session: GatewaySession): void {
    void session.join('people');
  }

  @Subscribe('watch')
  watch(): Observable<never> {
    return NEVER.pipe(finalize(() => log.push('torn down')));
  }

  @OnDisconnect()
  async disconnect(): Promise<void> {
    await this.channels.channel('people').publish('left');
    log.push('disconnected');
  }
}

describe.each<Platform>(['Express', 'Fastify'])('shutting down on %s', (platform) => {
  it('ends streams, tells clients 1012, and waits for @OnDisconnect', async () => {
    log.length = 0;
    const { address, close } = await startApp({ platform, module: { providers: [LongGateway] } });
    const clients = await Promise.all([1, 2].map(() => WsClient.connect(`ws://${address}/long`)));
    for (const client of clients) client.send({ event: 'watch', id: 1 });
    for (const client of clients)
      expect(await client.request('unknown')).toMatchObject({ event: 'exception' });
    await close();

    for (const client of clients) expect(await client.closed).toMatchObject({ code: 1012 });
    expect(log.toSorted()).toEqual(['disconnected', 'disconnected', 'torn down', 'torn down']);
  });

  it('does not wait longer than the close wait for a client that does not answer', async () => {
    const { address, close, server } = await startApp({
      platform,
      module: { providers: [LongGateway] },
      // all else would take longer than the test may
      nestwire: { limits: { closeWaitMs: 100, shutdownMs: 120_000 } },
    });
    const socket = await connectRaw(address);
    socket.write(handshake(address, { path: '/long' }));
    await once(socket, 'data');
    socket.pause();
    await close();
    expect(server.listening).toBe(false);
    socket.destroy();
  });

  it('takes no new clients while it goes on', async () => {
    const { address, close, app } = await startApp({ platform, module: { providers: [LongGateway] } });
    const client = await WsClient.connect(`ws://${address}/long`);
    client.socket.pause();
    const closing = close();
    await turn();
    const late = await WsClient.connect(`ws://${address}/long`).catch((error: unknown) => error);
    client.socket.resume();
    await closing;

    expect(late).toBeInstanceOf(Error);
    expect(app.getHttpServer()).toBeDefined();
  });
});
