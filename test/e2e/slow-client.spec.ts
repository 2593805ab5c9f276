import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { CurrentSession, Gateway, type GatewaySession, Payload, Subscribe } from 'nestwire';
import type { SessionData } from '../../lib/protocol/envelope/index.js';
import { redis } from 'nestwire/redis';
import { fakeTimeouts } from '../support/fake-timeouts.js';
import { MiB, bytesHeld } from '../support/memory.js';
import { RedisServer } from '../support/redis-server.js';
import { type Platform, type TestApp, startApp } from '../support/test-app.js';
import { WsClient } from '../support/ws-client.js';

const NEWS = 'x'.repeat(64 * 1024);
/** 64 MiB: far more than kernels keep for a client that does not read. */
const COUNT = 1024;

@Gateway('/news')
class NewsGateway {
  private flooding: Promise<void> = Promise.resolve();

  @Subscribe('flood')
  flood(@CurrentSession() session: GatewaySession, @Payload() pauseMs?: number): void {
    this.flooding = (async () => {
      for (let i = 0; i < COUNT; i++) {
        session.push('news', NEWS);
        if (i % 8 === 0) await (pauseMs ? pause(pauseMs) : turn());
      }
    })();
  }

  @Subscribe('flooded')
  async flooded(): Promise<string> {
    await this.flooding;
    return 'all pushed';
  }
}

// a client that is cut off has a second to read what is under way and why; here it has time until it reads
afterEach(() => void jest.useRealTimers());

describe.each<Platform>(['Express', 'Fastify'])('a client that does not read, on %s', (platform) => {
  it('is told 4413, while others go on', async () => {
    const app = await startApp({ module: { providers: [NewsGateway] }, platform });
    const slow = await WsClient.connect(`ws://${app.address}/news`);
    const bystander = await WsClient.connect(`ws://${app.address}/news`);
    fakeTimeouts();
    slow.send({ event: 'flood' });
    await slow.next();
    slow.socket.pause();
    expect(await bystander.request('flooded')).toMatchObject({ data: 'all pushed' });
    slow.socket.resume();
    expect(await slow.closed).toEqual({ code: 4413, reason: 'too slow' });
    jest.useRealTimers();
    bystander.socket.terminate();
    await app.close();
  });
});

describe('a client that does not read, and whose connection goes through another node', () => {
  it('is told 4413 by the owner, which keeps little for it, and finds its session there', async () => {
    const server = await RedisServer.start();
    const start = (): Promise<TestApp> => {
      // what is queued for it gets to a client that reads again, the close frame last
      const nestwire = { broker: redis({ url: server.url }), limits: { closeWaitMs: 60_000 } };
      return startApp({ module: { providers: [NewsGateway] }, nestwire });
    };
    const [owner, other] = [await start(), await start()];
    const urlOf = ({ address }: TestApp, wish: string): string =>
      `ws://${address}/news?nestwire-session=${wish}`;
    const first = await WsClient.connect(urlOf(owner, 'new'));
    const { id, secret } = (await first.next())['data'] as SessionData;
    first.terminate();
    const slow = await WsClient.connect(urlOf(other, `${id}.${secret}`));
    const introduction = (await slow.next())['data'] as SessionData;
    slow.send({ event: 'nestwire:resume', data: { received: 0, cursors: {} } });
    const bystander = await WsClient.connect(`ws://${owner.address}/news`);
    const before = await bytesHeld();

    fakeTimeouts();
    // as fast as a node that took it all could
    slow.send({ event: 'flood', data: 10 });
    await slow.next();
    slow.socket.pause();
    expect(await bystander.request('flooded')).toMatchObject({ data: 'all pushed' });
    expect((await bytesHeld()) - before).toBeLessThan(16 * MiB);
    slow.socket.resume();
    expect(await slow.closed).toEqual({ code: 4413, reason: 'too slow' });

    jest.useRealTimers();
    const back = await WsClient.connect(urlOf(other, `${id}.${introduction.secret}`));
    expect(await back.next()).toMatchObject({ data: { id, resumed: true } });
    back.terminate();
    bystander.terminate();
    await Promise.all([owner.close(), other.close()]);
    await server.stop();
  }, 60_000);
});
