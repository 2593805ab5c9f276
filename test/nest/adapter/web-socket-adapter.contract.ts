/** What code under `@WebSocketGateway` sees, and its clients: the same whichever adapter serves it. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { filter, firstValueFrom } from 'rxjs';
import type { Platform, TestApp } from '../../support/test-app.js';
import { type Message, WsClient } from '../../support/ws-client.js';
import { type AdapterUnderTest, type TextParser, startWith } from './adapter-under-test.js';
import {
  Counter,
  Diary,
  EndlessGateway,
  EnhancedGateway,
  FailingGateway,
  FirstGateway,
  ResultsGateway,
  ScopedGateway,
  SecondGateway,
  torndown,
} from './gateways.js';

const textParser: TextParser = (data) => {
  const [event, text] = String(data).split(' ') as [string, string];
  return { event, data: text };
};

/** What Nest itself does for gateways since version 12. */
export interface NestFeatures {
  /** A request-scoped gateway is instantiated for each client; before, it has nothing injected. */
  readonly instancePerClient: boolean;
}

export function webSocketAdapterContract(
  adapter: AdapterUnderTest,
  platform: Platform,
  { instancePerClient }: NestFeatures,
): void {
  const diary = new Diary();
  const clients: WsClient[] = [];
  let running: TestApp;

  // one application for all tests but those about its beginning and end: each has clients of its own
  beforeAll(async () => {
    running = await startWith(adapter, {
      platform,
      gateways: [
        ResultsGateway,
        EndlessGateway,
        FailingGateway,
        EnhancedGateway,
        FirstGateway,
        SecondGateway,
        ScopedGateway,
      ],
      module: { providers: [Counter, { provide: Diary, useValue: diary }] },
    });
  });

  afterEach(() => {
    for (const client of clients.splice(0)) client.terminate();
  });

  afterAll(() => running.close());

  const connect = async (path: string, { address } = running): Promise<WsClient> => {
    const client = await WsClient.connect(`ws://${address}${path}`);
    clients.push(client);
    return client;
  };

  const ask = (client: WsClient, event: string, data?: unknown): Promise<Message> => {
    client.send({ event, data });
    return client.next();
  };

  describe('the result of a handler', () => {
    const results = (): Promise<WsClient> => connect('/results');

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
      const client = await connect('/streams');
      const name = `${adapter.name} on ${platform}`;
      const end = firstValueFrom(torndown.pipe(filter((known) => known === name)));
      client.send({ event: 'watch', data: name });
      await client.close();

      expect(await end).toBe(name);
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
      const client = await connect('/results');
      client.socket.send(message);

      expect(await ask(client, 'value', 1)).toBe(1);
    });

    it('is not JSON in a binary message: that is handled', async () => {
      const client = await connect('/results');
      client.socket.send(Buffer.from('{"event":"value","data":9}'));

      expect(await client.next()).toBe(9);
    });

    it('closes the connection with 1007 when it is text that is not UTF-8', async () => {
      const client = await connect('/results');
      const other = await connect('/results');
      client.socket.send(Buffer.from([0xc0, 0x80]), { binary: false });

      expect(await client.closed).toMatchObject({ code: 1007 });
      expect(await ask(other, 'value', 1)).toBe(1);
    });

    it('is found by the parser of the application, if it has one', async () => {
      const app = { gateways: [ResultsGateway], platform, messageParser: textParser };
      const parsing = await startWith(adapter, app);
      const client = await connect('/results', parsing);
      client.send('event hello');

      expect(await client.next()).toEqual({ event: 'answer', data: 'hello' });
      client.terminate();
      await parsing.close();
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
      const client = await connect('/errors');
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
      const client = await connect('/enhanced');

      expect(await ask(client, event, data)).toEqual(answer);
    });

    it('sees each item of a stream: an interceptor', async () => {
      const client = await connect('/enhanced');
      client.send({ event: 'intercepted' });

      expect(await client.take(2)).toEqual([
        { event: 'wrapped', data: 1 },
        { event: 'wrapped', data: 2 },
      ]);
    });
  });

  describe('gateways on one path', () => {
    it('are all told of their server', async () => {
      expect((await diary.about('0', 2)).sort()).toEqual(['first afterInit', 'second afterInit']);
    });

    it('all get the lifecycle of a client, and the request', async () => {
      const client = await connect('/life?of=one');
      await client.close();
      const happened = await diary.about('/life?of=one', 4);

      expect(happened.slice(0, 2).sort()).toEqual(['first handleConnection', 'second handleConnection']);
      expect(happened.slice(2).sort()).toEqual(['first handleDisconnect', 'second handleDisconnect']);
    });

    it('are all reachable over one connection, and all answer to an event that they share', async () => {
      const client = await connect('/life');

      expect(await ask(client, 'only second')).toEqual({ event: 'only', data: 'second' });
      client.send({ event: 'who' });
      const names = (await client.take(2)).map(({ data }) => data);
      expect(names.sort()).toEqual(['first', 'second']);
    });

    it('share a server, whose clients are those who are connected', async () => {
      const one = await connect('/life');
      const two = await connect('/life?of=two');
      one.send({ event: 'broadcast', data: 'hi' });

      for (const client of [one, two]) expect(await client.next()).toEqual({ event: 'news', data: 'hi' });
      await two.close();
      await diary.about('/life?of=two', 4);
      one.send({ event: 'broadcast', data: 'again' });
      expect(await one.next()).toEqual({ event: 'news', data: 'again' });
    });

    it('may close a client with a code and a reason', async () => {
      const client = await connect('/life');
      client.send({ event: 'close me' });

      expect(await client.closed).toEqual({ code: 4000, reason: 'as asked' });
    });
  });

  if (instancePerClient) {
    it('has one instance of a request-scoped gateway for each client', async () => {
      const client = await connect('/scoped');
      const other = await connect('/scoped');

      expect(await ask(client, 'count')).toEqual({ event: 'count', data: 1 });
      expect(await ask(client, 'count')).toEqual({ event: 'count', data: 2 });
      expect(await ask(other, 'count')).toEqual({ event: 'count', data: 1 });
    });
  }

  it('closes with the application, whatever clients there are', async () => {
    const closing = await startWith(adapter, { gateways: [ResultsGateway], platform });
    const client = await connect('/results', closing);
    await closing.close();

    await expect(client.closed).resolves.toBeDefined();
  });
}
