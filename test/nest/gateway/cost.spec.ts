/** What a message through a gateway costs, counted instead of timed. */
import { createHook } from 'node:async_hooks';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Inject } from '@nestjs/common';
import {
  Channels,
  CurrentSession,
  Gateway,
  type GatewaySession,
  OnConnect,
  Payload,
  Subscribe,
  type Channel,
} from 'nestwire';
import { textFrame } from '../../support/raw-http.js';
import { type TestApp, startApp } from '../../support/test-app.js';
import { WsClient } from '../../support/ws-client.js';

const sockets: Socket[] = [];
let news: Channel<string>;

@Gateway('/')
class CostGateway {
  constructor(@Inject(Channels) channels: Channels) {
    news = channels.channel<string>('news');
  }

  @OnConnect()
  connect(@CurrentSession() session: GatewaySession): Promise<void> {
    sockets.push(session.request.socket);
    return session.join(news);
  }

  @Subscribe('echo')
  echo(@Payload() data: unknown): unknown {
    return data;
  }
}

let app: TestApp;
let clients: WsClient[];

beforeEach(async () => {
  app = await startApp({ module: { providers: [CostGateway] } });
  clients = [];
  for (let i = 0; i < 3; i++) clients.push(await WsClient.connect(`ws://${app.address}/`));
});

afterEach(async () => {
  jest.restoreAllMocks();
  for (const client of clients) client.terminate();
  await app.close();
  sockets.length = 0;
});

/** Promises made, and timers, ticks and the like asked for, while `work` runs. */
function resourcesOf(work: () => void): string[] {
  const made: string[] = [];
  const hook = createHook({ init: (_id, type) => void made.push(type) }).enable();
  work();
  hook.disable();
  return made;
}

describe('the cost of a request to a handler without enhancers', () => {
  const ask = Buffer.concat(
    Array.from({ length: 16 }, (_, id) => textFrame(`{"event":"echo","data":"hello","id":${id}}`)),
  );

  it('is one write for all answers of one read', async () => {
    const write = jest.spyOn(sockets[0]!, 'write');
    sockets[0]!.emit('data', ask);
    expect(write).toHaveBeenCalledTimes(1);
    const answers = await clients[0]!.take(16);
    expect(answers).toEqual(Array.from({ length: 16 }, (_, id) => ({ event: 'echo', id, data: 'hello' })));
  });

  it('is no promise and no timer', () => {
    const made = resourcesOf(() => sockets[0]!.emit('data', ask));
    // the tick in which the stream has done with the one write
    expect(made.filter((type) => type !== 'TickObject' && type !== 'WRITEWRAP')).toEqual([]);
    expect(made.length).toBeLessThanOrEqual(2);
  });
});

describe('the cost of a publication', () => {
  it('is making it into a frame once, and one write a client for a burst', async () => {
    const writes = sockets.map((socket) => jest.spyOn(socket, 'write'));
    const stringify = jest.spyOn(JSON, 'stringify');
    await Promise.all(Array.from({ length: 8 }, (_, i) => news.publish(`news ${i}`)));
    const bodies = stringify.mock.calls.filter(([data]) => String(data).startsWith('news '));
    stringify.mockRestore();
    for (const client of clients) expect(await client.take(8)).toHaveLength(8);
    expect(bodies).toHaveLength(8);
    for (const write of writes) expect(write).toHaveBeenCalledTimes(1);
    const [first, ...others] = writes.map((write) => write.mock.calls[0]![0]);
    for (const other of others) expect(other).toBe(first);
  });
});
