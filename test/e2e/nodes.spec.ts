import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Channel,
  Channels,
  CurrentSession,
  Gateway,
  type GatewaySession,
  Payload,
  Subscribe,
} from 'nestwire';
import { redis } from 'nestwire/redis';
import { RedisServer } from '../support/redis-server.js';
import { type TestApp, startApp } from '../support/test-app.js';
import { WsClient } from '../support/ws-client.js';

@Gateway('/news')
class NewsGateway {
  constructor(private readonly channels: Channels) {
    channels.channel('news', { history: {} });
  }

  @Subscribe('follow')
  async follow(@CurrentSession() session: GatewaySession, @Payload('from') from?: string): Promise<boolean> {
    const { recovered } = await session.join(this.channels.channel('news'), from ? { from } : {});
    return recovered === true;
  }
}

describe('two nodes on one Redis', () => {
  let server: RedisServer;
  const nodes: TestApp[] = [];

  beforeAll(async () => {
    server = await RedisServer.start();
  });

  afterEach(async () => {
    await Promise.all(nodes.splice(0).map(({ close }) => close()));
  });

  afterAll(() => server.stop());

  async function startNode(): Promise<{ url: string; news: Channel; close: () => Promise<void> }> {
    const nestwire = { broker: redis({ url: server.url }) };
    const node = await startApp({ module: { providers: [NewsGateway] }, nestwire });
    nodes.push(node);
    const news = node.app.get(Channels).channel('news');
    return { url: `ws://${node.address}/news`, news, close: node.close };
  }

  it('deliver on one what is published on the other, and resume by cursor on either', async () => {
    const [first, second] = [await startNode(), await startNode()];
    const client = await WsClient.connect(first.url);
    expect(await client.request('follow')).toMatchObject({ id: 'r', data: false });
    await second.news.publish('one');
    const one = await client.next();
    expect(one).toMatchObject({ event: 'message', data: 'one', channel: 'news' });

    // its node ends, and with it whatever only the node knew
    nodes.shift();
    await first.close();
    await client.closed;
    await second.news.publish('two');
    const again = await WsClient.connect(second.url);
    again.send({ event: 'follow', id: 'r', data: { from: one['cursor'] } });
    const answers = await again.take(2);
    expect(answers).toContainEqual(expect.objectContaining({ event: 'message', data: 'two' }));
    expect(answers).toContainEqual(expect.objectContaining({ id: 'r', data: true }));
    await again.close();
  });

  it('tell a client at once that Redis has lost what it held', async () => {
    const node = await startNode();
    const client = await WsClient.connect(node.url);
    await client.request('follow');
    await node.news.publish('lost');
    const { cursor } = await client.next();
    await server.kill();
    await server.run();

    const gap = await client.next();
    expect(gap).toMatchObject({ event: 'nestwire:gap', data: { channel: 'news', recovered: false } });
    expect((gap['data'] as { cursor: string }).cursor).not.toBe(cursor);
    await client.close();
  });
});
