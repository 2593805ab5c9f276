import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { CurrentSession, Gateway, type GatewaySession, Subscribe } from 'nestwire';
import { type Platform, startApp } from '../support/test-app.js';
import { WsClient } from '../support/ws-client.js';

const NEWS = 'x'.repeat(64 * 1024);
/** 64 MiB: far more than kernels keep for a client that does not read. */
const COUNT = 1024;

@Gateway('/news')
class NewsGateway {
  private flooding: Promise<void> = Promise.resolve();

  @Subscribe('flood')
  flood(@CurrentSession() session: GatewaySession): void {
    this.flooding = (async () => {
      for (let i = 0; i < COUNT; i++) {
        session.push('news', NEWS);
        if (i % 8 === 0) await turn();
      }
    })();
  }

  @Subscribe('flooded')
  async flooded(): Promise<string> {
    await this.flooding;
    return 'all pushed';
  }
}

describe.each<Platform>(['Express', 'Fastify'])('a client that does not read, on %s', (platform) => {
  it('is told 4413, while others go on', async () => {
    const app = await startApp({ module: { providers: [NewsGateway] }, platform });
    const slow = await WsClient.connect(`ws://${app.address}/news`);
    const bystander = await WsClient.connect(`ws://${app.address}/news`);
    slow.send({ event: 'flood' });
    await slow.next();
    slow.socket.pause();
    expect(await bystander.request('flooded')).toMatchObject({ data: 'all pushed' });
    slow.socket.resume();
    expect(await slow.closed).toEqual({ code: 4413, reason: 'too slow' });
    bystander.socket.terminate();
    await app.close();
  });
});
