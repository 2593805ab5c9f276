/** What code under `@WebSocketGateway` sees, and its clients: the same whichever adapter serves it. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable, Scope } from '@nestjs/common';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { Platform, TestApp } from '../../support/test-app.js';
import { type Message, WsClient } from '../../support/ws-client.js';
import { type AdapterUnderTest, type GatewayApp, type TextParser, startWith } from './adapter-under-test.js';
import {
  Diary,
  EndlessGateway,
  EnhancedGateway,
  FailingGateway,
  FirstGateway,
  ResultsGateway,
  SecondGateway,
  teardowns,
} from './gateways.js';

const textParser: TextParser = (data) => {
  const [event, text] = String(data).split(' ') as [string, string];
  return { event, data: text };
};

@Injectable({ scope: Scope.REQUEST })
class Counter {
  count = 0;
}

@WebSocketGateway({ path: '/scoped' })
class ScopedGateway {
  constructor(private readonly counter: Counter) {}

  @SubscribeMessage('count')
  count(): { event: string; data: number } {
    return { event: 'count', data: ++this.counter.count };
  }
}

export function webSocketAdapterContract(adapter: AdapterUnderTest, platform: Platform): void {
  let running: TestApp | undefined;
  const clients: WsClient[] = [];

  afterEach(async () => {
    for (const client of clients.splice(0)) client.terminate();
    await running?.close();
    running = undefined;
  });

  const start = async (app: GatewayApp): Promise<TestApp> => {
    running = await startWith(adapter, { ...app, platform });
    return running;
  };

  const connect = async (path: string): Promise<WsClient> => {
    const client = await WsClient.connect(`ws://${running!.address}${path}`);
    clients.push(client);
    return client;
  };

  const startAndConnect = async (path: string, app: GatewayApp): Promise<WsClient> => {
    await start(app);
    return connect(path);
  };

  const ask = (client: WsClient, event: string, data?: unknown): Promise<Message> => {
    client.send({ event, data });
    return client.next();
  };

  describe('the result of a handler', () => {
    const results = (): Promise<WsClient> => startAndConnect('/results', { gateways: [ResultsGateway] });

    it('is sent as it is, with or without an event', async () => {
      const client = await results();

      expect(await ask(client, 'event', { n: 1 })).toEqual({ event: 'answer', data: { n: 1 } });
      expect(await ask(client, 'value', 'text')).toBe('text');
      expect(await ask(client, 'value', 0)).toBe(0);
      expect(await ask(client, 'value', false)).toBe(false);
    });

    it('may be a promise, an Observable, or a promise of one', async () => {
      const client = await results();

      expect(await ask(client, 'promise', 2)).toEqual({ event: 'answer', data: 2 });
      client.send({ event: 'stream', data: [1, 'two', { three: 3 }] });
      expect(await client.take(3)).toEqual([1, 'two', { three: 3 }]);
      client.send({ event: 'late stream' });
      expect(await client.take(2)).toEqual([1, 2]);
    });

    it('is not sent when it is nothing, nor are such items', async () => {
      const client = await results();
      for (const event of ['nothing', 'null']) client.send({ event });
      client.send({ event: 'stream', data: [null, 1, null] });

      expect(await ask(client, 'event', 'next')).toBe(1);
      expect(await client.next()).toEqual({ event: 'answer', data: 'next' });
    });

    it('may be nothing because the handler sent bytes by itself', async () => {
      const client = await results();
      const isBinary = new Promise((resolve) =>
        client.socket.once('message', (_data, binary) => resolve(binary)),
      );

      expect(await ask(client, 'bytes')).toEqual({ event: 'bytes' });
      expect(await isBinary).toBe(true);
    });

    it('comes of client and data when the parameters have no decorators', async () => {
      expect(await ask(await results(), 'undecorated', 5)).toEqual({ event: 'undecorated', data: [true, 5] });
    });

    it('ends as a stream when its client is gone', async () => {
      const client = await startAndConnect('/streams', { gateways: [EndlessGateway, ResultsGateway] });
      const name = `${adapter.name} on ${platform}`;
      client.send({ event: 'watch', data: name });
      await client.close();
      await running!.close();

      expect(teardowns.filter((known) => known === name)).toHaveLength(1);
    });
  });

  describe('what is not for a handler', () => {
    it.each([
      ['an unknown event', '{"event":"unknown"}'],
      ['the name of a built-in property', '{"event":"constructor"}'],
      ['an event of another type', '{"event":{"toString":1}}'],
      ['no JSON', '{"event":'],
      ['nothing', ''],
      ['JSON without an event', '[1]'],
      ['null', 'null'],
      ['bytes that are no JSON', Buffer.from([0, 1, 255])],
    ])('is dropped, and the connection lives: %s', async (_, message) => {
      const client = await startAndConnect('/results', { gateways: [ResultsGateway] });
      client.socket.send(message);

      expect(await ask(client, 'value', 1)).toBe(1);
    });

    it('is not JSON in a binary message: that is handled', async () => {
      const client = await startAndConnect('/results', { gateways: [ResultsGateway] });
      client.socket.send(Buffer.from('{"event":"value","data":9}'));

      expect(await client.next()).toBe(9);
    });

    it('closes the connection with 1007 when it is text that is not UTF-8', async () => {
      const client = await startAndConnect('/results', { gateways: [ResultsGateway] });
      const other = await connect('/results');
      client.socket.send(Buffer.from([0xc0, 0x80]), { binary: false });

      expect(await client.closed).toMatchObject({ code: 1007 });
      expect(await ask(other, 'value', 1)).toBe(1);
    });

    it('is found by the parser of the application, if it has one', async () => {
      const messageParser = textParser;
      const client = await startAndConnect('/results', { gateways: [ResultsGateway], messageParser });
      client.send('event hello');

      expect(await client.next()).toEqual({ event: 'answer', data: 'hello' });
    });
  });

  describe('an exception', () => {
    it.each([
      ['a WsException', 'ws', { status: 'error', message: 'no' }],
      ['a WsException that has an object', 'ws object', { code: 7 }],
      [
        'any other, of which nothing is told',
        'unknown',
        { status: 'error', message: 'Internal server error' },
      ],
      ['one in the middle of a stream', 'stream', { status: 'error', message: 'broken' }],
    ])('reaches the client as an event: %s', async (_, event, data) => {
      const client = await startAndConnect('/errors', { gateways: [FailingGateway] });
      const exception = await ask(client, event, 'x');

      expect(exception).toMatchObject({ event: 'exception', data });
      expect(JSON.stringify(exception)).not.toContain('secret');
      expect(await ask(client, event, 'x')).toEqual(exception);
    });
  });

  describe('an enhancer', () => {
    const exception = (message: string): unknown => ({
      event: 'exception',
      data: expect.objectContaining({ status: 'error', message }),
    });

    it.each([
      ['a guard that says yes', 'guarded', { password: 'guarded!' }, { event: 'guarded', data: 'in' }],
      ['a guard that says no', 'guarded', { password: '?' }, exception('Forbidden resource')],
      ['a filter', 'filtered', undefined, exception('out of range: eleven')],
      ['a pipe that lets pass', 'validated', { name: 'Ada' }, { event: 'validated', data: 'Ada' }],
      ['a pipe that refuses', 'validated', { name: 5 }, exception('not valid')],
      ['a pipe of a parameter', 'piped', { count: '41' }, { event: 'piped', data: [42, true] }],
    ])('applies: %s', async (_, event, data, answer) => {
      const client = await startAndConnect('/enhanced', { gateways: [EnhancedGateway] });

      expect(await ask(client, event, data)).toEqual(answer);
    });

    it('sees each item of a stream: an interceptor', async () => {
      const client = await startAndConnect('/enhanced', { gateways: [EnhancedGateway] });
      client.send({ event: 'intercepted' });

      expect(await client.take(2)).toEqual([
        { event: 'wrapped', data: 1 },
        { event: 'wrapped', data: 2 },
      ]);
    });
  });

  describe('gateways on one path', () => {
    const diary = new Diary();
    const life = (): Promise<WsClient> => {
      diary.entries.length = 0;
      const module = { providers: [{ provide: Diary, useValue: diary }] };
      return startAndConnect('/life?x=1', { gateways: [FirstGateway, SecondGateway], module });
    };

    it('all get the lifecycle of a client, and the request', async () => {
      const client = await life();
      await client.close();
      const entries = await diary.until(6);

      const started = entries.slice(0, 2).sort();
      expect(started).toEqual(['first afterInit 0', 'second afterInit 0']);
      const connected = entries.slice(2, 4).sort();
      expect(connected).toEqual(['first handleConnection /life?x=1', 'second handleConnection /life?x=1']);
      expect(entries.slice(4).sort()).toEqual(['first handleDisconnect', 'second handleDisconnect']);
    });

    it('are all reachable over one connection, and all answer to an event that they share', async () => {
      const client = await life();

      expect(await ask(client, 'only second')).toEqual({ event: 'only', data: 'second' });
      client.send({ event: 'who' });
      const names = (await client.take(2)).map(({ data }) => data);
      expect(names.sort()).toEqual(['first', 'second']);
    });

    it('share a server, whose clients are those who are connected', async () => {
      const one = await life();
      const two = await connect('/life');
      one.send({ event: 'broadcast', data: 'hi' });

      for (const client of [one, two]) expect(await client.next()).toEqual({ event: 'news', data: 'hi' });
      await two.close();
      await diary.until(8);
      one.send({ event: 'broadcast', data: 'again' });
      expect(await one.next()).toEqual({ event: 'news', data: 'again' });
    });

    it('may close a client with a code and a reason', async () => {
      const client = await life();
      client.send({ event: 'close me' });

      expect(await client.closed).toEqual({ code: 4000, reason: 'as asked' });
    });
  });

  it('serves gateways on several paths', async () => {
    const client = await startAndConnect('/results', { gateways: [ResultsGateway, FailingGateway] });
    const other = await connect('/errors');

    expect(await ask(client, 'value', 1)).toBe(1);
    expect(await ask(other, 'ws')).toMatchObject({ event: 'exception' });
  });

  it('has one instance of a request-scoped gateway for each client', async () => {
    const module = { providers: [Counter] };
    const client = await startAndConnect('/scoped', { gateways: [ScopedGateway], module });
    const other = await connect('/scoped');

    expect(await ask(client, 'count')).toEqual({ event: 'count', data: 1 });
    expect(await ask(client, 'count')).toEqual({ event: 'count', data: 2 });
    expect(await ask(other, 'count')).toEqual({ event: 'count', data: 1 });
  });

  it('closes with the application, whatever clients there are', async () => {
    const client = await startAndConnect('/results', { gateways: [ResultsGateway] });
    await running!.close();
    running = undefined;

    await client.closed;
  });
}
