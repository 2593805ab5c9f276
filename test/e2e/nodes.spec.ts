import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Channel,
  Channels,
  CurrentSession,
  Gateway,
  type GatewaySession,
  OnConnect,
  Payload,
  Subscribe,
} from 'nestwire';
import { redis } from 'nestwire/redis';
import { RedisServer } from '../support/redis-server.js';
import { type TestApp, startApp } from '../support/test-app.js';
import { WsClient } from '../support/ws-client.js';

type People = { type: string; people?: { key: string }[]; person?: { key: string } };

@Gateway('/room')
class RoomGateway {
  constructor(channels: Channels) {
    channels.channel('room', { presence: { event: 'people', lingerMs: 100 } });
  }

  @OnConnect()
  async connect(@CurrentSession() session: GatewaySession): Promise<void> {
    const { sub } = session.query;
    if (sub) session.user = { sub };
    await session.join('room');
  }
}

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

  async function startNode(): Promise<{
    url: string;
    news: Channel;
    room: Channel;
    close: () => Promise<void>;
  }> {
    const nestwire = { broker: redis({ url: server.url, presenceMs: 3_000 }) };
    const node = await startApp({ module: { providers: [NewsGateway, RoomGateway] }, nestwire });
    nodes.push(node);
    const news = node.app.get(Channels).channel('news');
    const room = node.app.get(Channels).channel('room');
    return { url: `ws://${node.address}/news`, news, room, close: node.close };
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

  it('list each person once, whatever node his tabs are on', async () => {
    const [first, second] = [await startNode(), await startNode()];
    const rooms = [first, second].map(({ url }) => url.replace('/news', '/room?sub='));
    const here = await WsClient.connect(`${rooms[0]}anna`);
    const told: string[] = [];
    const listen = async (): Promise<void> => {
      for (;;) {
        const { type, people, person } = (await here.next())['data'] as People;
        told.push([type, ...(people ?? [person!]).map(({ key }) => key)].join(' '));
      }
    };
    void listen();
    const tabs = [`${rooms[1]}anna`, `${rooms[0]}ben`, `${rooms[1]}ben`];
    const clients = await Promise.all(tabs.map((url) => WsClient.connect(url)));
    while (!told.some((text) => text.includes('ben'))) await pause(10);
    await clients[1]!.close();
    await pause(300);
    expect(told.filter((text) => text.startsWith('left'))).toEqual([]);

    // the node with ben's other tab goes, and anna's other one with it
    await nodes.pop()!.close();
    while (!told.includes('left ben')) await pause(10);
    expect(told.filter((text) => text.includes('anna') && !text.startsWith('present'))).toEqual([]);
    expect(await first.room.presence()).toEqual([{ key: 'anna', info: null }]);
    await here.close();
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
