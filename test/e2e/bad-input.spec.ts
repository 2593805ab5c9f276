import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type Channel,
  Channels,
  CurrentSession,
  Gateway,
  type GatewaySession,
  Payload,
  Subscribe,
} from 'nestwire';
import { connectRaw, exchange, handshake, readAll, textFrame } from '../support/raw-http.js';
import { type Platform, type TestApp, startApp } from '../support/test-app.js';
import { WsClient } from '../support/ws-client.js';

@Gateway('/bad')
class TargetGateway {
  private readonly news: Channel<string>;

  constructor(channels: Channels) {
    this.news = channels.channel('news');
  }

  @Subscribe('echo')
  echo(@Payload() data: unknown): unknown {
    return data;
  }

  @Subscribe('throw')
  throw(): never {
    throw new Error('secret');
  }

  @Subscribe('reject')
  async reject(): Promise<never> {
    return Promise.reject(new Error('secret'));
  }

  @Subscribe('throw-anything')
  throwAnything(): never {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- whatever an application may throw
    throw undefined;
  }

  @Subscribe('cycle')
  cycle(): object {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    return cycle;
  }

  @Subscribe('join')
  join(@Payload() channel: string, @CurrentSession() session: GatewaySession): void {
    void session.join(channel);
  }

  @Subscribe('publish')
  async publish(@Payload() text: string): Promise<void> {
    await this.news.publish(text);
  }
}

describe.each<Platform>(['Express', 'Fastify'])('bad input to a gateway on %s', (platform) => {
  let running: TestApp;
  let bystander: WsClient;
  const unexpected: unknown[] = [];
  const note = (error: unknown): void => void unexpected.push(error);

  beforeEach(async () => {
    unexpected.length = 0;
    process.on('unhandledRejection', note);
    running = await startApp({
      platform,
      module: { providers: [TargetGateway] },
      nestwire: { limits: { closeWaitMs: 200 } },
    });
    bystander = await WsClient.connect(`ws://${running.address}/bad`);
  });

  afterEach(async () => {
    expect(await bystander.request('echo', 'still here')).toMatchObject({ data: 'still here' });
    await running.close();
    process.off('unhandledRejection', note);
    expect(unexpected).toEqual([]);
  });

  describe('in the handshake', () => {
    it.each<[string, Parameters<typeof handshake>[1], number, RegExp]>([
      ['another method', { method: 'POST' }, 405, /GET/],
      ['an old HTTP', { version: '1.0' }, 400, /HTTP\/1\.1/],
      ['no key', { headers: { 'Sec-WebSocket-Key': undefined } }, 400, /Key/],
      ['a short key', { headers: { 'Sec-WebSocket-Key': 'c2hvcnQ=' } }, 400, /Key/],
      ['another version', { headers: { 'Sec-WebSocket-Version': '8' } }, 426, /Sec-WebSocket-Version: 13/],
      ['another upgrade', { headers: { Upgrade: 'h2c' } }, 400, /websocket/],
      ['a body', { headers: { 'Content-Length': '5' } }, 400, /body/],
      ['a bad list of protocols', { headers: { 'Sec-WebSocket-Protocol': 'a b' } }, 400, /Protocol/],
      ['a foreign page', { headers: { Origin: 'https://evil.example' } }, 403, /evil\.example/],
      ['a cookie from nowhere', { headers: { Cookie: 'sid=1' } }, 403, /Origin/],
    ])('(%s) gets its status and a plain reason', async (_, change, status, reason) => {
      const { address } = running;
      const answer = await exchange(address, handshake(address, { path: '/bad', ...change }));

      expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      expect(answer).toMatch(reason);
      expect(answer).toMatch(/\r\nconnection: close\r\n/i);
    });

    it('(a reset at any time) leaves nothing behind', async () => {
      const { address, server } = running;
      for (let i = 0; i < 20; i++) {
        const socket = await connectRaw(address);
        socket.write(handshake(address, { path: '/bad' }).slice(0, 20 + i * 20));
        if (i % 2) await turn();
        socket.resetAndDestroy();
      }
      const open = (): Promise<number> =>
        new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
      while ((await open()) > 1) await turn();
    });

    it('(an answer still due before it) closes the connection', async () => {
      const { address } = running;
      const request = `GET /slow HTTP/1.1\r\nHost: ${address}\r\n\r\n`;
      const answer = await exchange(address, request + handshake(address, { path: '/bad' }));

      expect(answer).not.toContain('101');
    });
  });

  describe('in frames', () => {
    it.each([
      ['an unmasked frame', Buffer.from([0x81, 1, 0x61]), 1002],
      ['a reserved opcode', Buffer.from([0x83, 0x80, 0, 0, 0, 0]), 1002],
      ['text that is no UTF-8', Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0xff]), 1007],
      [
        'a message that declares too much',
        Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0, 0]),
        1009,
      ],
    ])('(%s) gets its close code', async (_, frame, code) => {
      const { address } = running;
      const socket = await connectRaw(address);
      socket.write(Buffer.concat([Buffer.from(handshake(address, { path: '/bad' })), frame]));
      const answer = Buffer.from(await readAll(socket), 'latin1');
      const close = answer.subarray(answer.indexOf('\r\n\r\n') + 4);

      expect(close[0]).toBe(0x88);
      expect(close.readUInt16BE(2)).toBe(code);
    });
  });

  describe('in messages', () => {
    let client: WsClient;

    beforeEach(async () => {
      client = await WsClient.connect(`ws://${running.address}/bad`);
    });

    const failsWith = async (message: unknown, data: object): Promise<void> => {
      client.send(message);
      expect(await client.next()).toMatchObject({ event: 'exception', data: { status: 'error', ...data } });
      expect(await client.request('echo', 1)).toMatchObject({ data: 1 });
    };

    it.each<[string, unknown, object]>([
      ['no JSON', '{', { code: 'BAD_MESSAGE' }],
      ['JSON of no message', '[]', { code: 'BAD_MESSAGE' }],
      ['a number for an event', { event: 1 }, { code: 'BAD_MESSAGE' }],
      ['an object for an id', { event: 'echo', id: {} }, { code: 'BAD_MESSAGE' }],
      ['an unknown event', { event: 'nothing' }, { code: 'UNKNOWN_EVENT' }],
      ['the name of a prototype', { event: '__proto__' }, { code: 'UNKNOWN_EVENT' }],
      ['the name of a method', { event: 'constructor' }, { code: 'UNKNOWN_EVENT' }],
      ['a handler that throws', { event: 'throw' }, { statusCode: 500, message: 'Internal server error' }],
      ['a handler that rejects', { event: 'reject' }, { statusCode: 500, message: 'Internal server error' }],
      ['a handler that throws nothing', { event: 'throw-anything' }, { statusCode: 500 }],
      ['an answer that is no JSON', { event: 'cycle' }, { statusCode: 500 }],
      ['a channel without a name', { event: 'join' }, { statusCode: 400, code: 'INVALID_CHANNEL_NAME' }],
      ['a channel with a long name', { event: 'join', data: 'x'.repeat(10_000) }, { statusCode: 400 }],
    ])('(%s) gets an exception, and the connection lives', async (_, message, data) => {
      await failsWith(message, data);
    });

    it('(a hundred thousand nested arrays) is survived', async () => {
      const deep = `{"event":"echo","data":${'['.repeat(100_000)}${']'.repeat(100_000)},"id":1}`;
      client.send(deep);

      expect((await client.next())['id']).toBe(1);
      expect(await client.request('echo', 1)).toMatchObject({ data: 1 });
    });

    it('(keys of prototypes) touches nothing shared', async () => {
      client.send(
        '{"event":"echo","data":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}},"id":1}',
      );
      await client.next();

      expect(({} as { polluted?: number }).polluted).toBeUndefined();
    });

    it('(binary) is said not to be understood', async () => {
      client.socket.send(Buffer.from('{"event":"echo"}'));

      expect(await client.next()).toMatchObject({ data: { code: 'BAD_MESSAGE' } });
    });

    it('(a hundred of them) closes with 4400', async () => {
      for (let i = 0; i < 100; i++) client.send('bad');

      expect(await client.closed).toMatchObject({ code: 4400 });
    });

    it('(ten thousand joins) stops at the limit', async () => {
      for (let i = 0; i < 10_000; i++) client.send({ event: 'join', data: `channel ${i}` });
      client.send({ event: 'echo', data: 'end', id: 'end' });
      const codes = new Map<string, number>();
      for (;;) {
        const { event, data } = await client.next();
        if (event === 'echo') break;
        const { code } = data as { code: string };
        codes.set(code, (codes.get(code) ?? 0) + 1);
      }

      expect([...codes]).toEqual([['CHANNEL_LIMIT', 10_000 - 128]]);
    });
  });

  it('a client that never reads is closed, and nobody else waits for it', async () => {
    const { address } = running;
    const socket = await connectRaw(address);
    const join = textFrame('{"event":"join","data":"news"}');
    socket.write(Buffer.concat([Buffer.from(handshake(address, { path: '/bad' })), join]));
    await once(socket, 'readable');
    bystander.send({ event: 'join', data: 'news' });
    const text = 'x'.repeat(64 * 1024);
    for (let i = 0; i < 200; i++) {
      bystander.send({ event: 'publish', data: text });
      expect(await bystander.next()).toMatchObject({ event: 'message', channel: 'news' });
    }
    const closed = once(socket, 'close');
    socket.resume();

    await closed;
    expect(socket.bytesRead).toBeLessThan(200 * text.length);
  });
});
