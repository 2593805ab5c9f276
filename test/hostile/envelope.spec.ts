/** What a client can do with messages whose frames are in order: rows P1 to P6 and X of the hostile inputs. */
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as MessagePack from '@msgpack/msgpack';
import { UsePipes, ValidationPipe } from '@nestjs/common';
import { Allow } from 'class-validator';
import { NEVER, type Observable } from 'rxjs';
import { z } from 'zod';
import {
  CurrentSession,
  Gateway,
  type GatewaySession,
  Payload,
  Subscribe,
  defineProtocol,
  msgpack,
} from 'nestwire';
import { MemoryBroker } from '../../lib/broker/memory/index.js';
import { type TestApp, startApp } from '../support/test-app.js';
import { type Message, type WireFormat, WsClient } from '../support/ws-client.js';

const MIB = 1024 * 1024;
const DEPTH = 100_000;

class LooseDto {
  @Allow()
  a!: unknown;
}

const Typed = defineProtocol('typed.v1', {
  client: { typed: { payload: z.object({ text: z.string() }), reply: z.string() } },
});

@Gateway({ path: '/target', protocol: Typed })
class TargetGateway {
  @Subscribe(Typed, 'typed')
  typed({ text }: { text: string }): string {
    return text;
  }

  @Subscribe('echo')
  echo(@Payload() data: unknown): unknown {
    return data;
  }

  @Subscribe('count')
  count(@Payload() data: object): number {
    return Object.keys(data).length;
  }

  @Subscribe('loose')
  @UsePipes(new ValidationPipe({ transform: true }))
  loose(@Payload() dto: LooseDto): string {
    return typeof dto.a;
  }

  @Subscribe('watch')
  watch(): Observable<never> {
    return NEVER;
  }

  @Subscribe('never')
  never(): Promise<never> {
    return new Promise(() => undefined);
  }

  @Subscribe('join')
  async join(@Payload() channel: string, @CurrentSession() session: GatewaySession): Promise<void> {
    await session.join(channel);
  }

  @Subscribe('leave')
  leave(@Payload() channel: string, @CurrentSession() session: GatewaySession): void {
    session.leave(channel);
  }
}

/** Counts the subscriptions that are open. */
class CountingBroker extends MemoryBroker {
  readonly open = new Map<string, number>();

  override subscribe(...args: Parameters<MemoryBroker['subscribe']>): ReturnType<MemoryBroker['subscribe']> {
    const [channel] = args;
    const subscription = super.subscribe(...args);
    this.open.set(channel, (this.open.get(channel) ?? 0) + 1);
    return {
      ready: subscription.ready,
      close: () => {
        subscription.close();
        this.open.set(channel, this.open.get(channel)! - 1);
        if (this.open.get(channel) === 0) this.open.delete(channel);
      },
    };
  }
}

const PACKED: WireFormat = {
  encode: (message) => (message instanceof Uint8Array ? message : MessagePack.encode(message)),
  decode: (data) => MessagePack.decode(data),
};

const bytes = (...parts: (number | number[] | Uint8Array)[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...part])));

/** `{ event: 'echo', id: 1, data: … }`, of which the data is given as it is on the wire. */
const packedEcho = (data: Uint8Array): Uint8Array =>
  bytes(
    0x83,
    MessagePack.encode('event'),
    MessagePack.encode('echo'),
    MessagePack.encode('id'),
    1,
    MessagePack.encode('data'),
    data,
  );

/** What a client cannot get rid of: as soon as it stays the same for a while. */
async function settledAmount(socket: { readonly bufferedAmount: number }): Promise<number> {
  let amount = socket.bufferedAmount;
  for (let unchanged = 0; unchanged < 20; unchanged++) {
    await wait(10);
    if (socket.bufferedAmount !== amount) unchanged = 0;
    amount = socket.bufferedAmount;
  }
  return amount;
}

const codeOf = ({ data }: Message): unknown => (data as { code?: string } | undefined)?.code;

describe('messages of a client that means no good', () => {
  let running: TestApp;
  let broker: CountingBroker;
  let bystander: WsClient;
  let client: WsClient;
  beforeEach(async () => {
    broker = new CountingBroker();
    running = await startApp({
      module: { providers: [TargetGateway] },
      nestwire: { broker, codecs: [msgpack(MessagePack)] },
    });
    bystander = await WsClient.connect(`ws://${running.address}/target`);
    client = await WsClient.connect(`ws://${running.address}/target`);
  });

  afterEach(async () => {
    expect(await bystander.request('echo', 'still here')).toEqual({
      event: 'echo',
      id: 'r',
      data: 'still here',
    });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    client.terminate();
    await running.close();
    expect([...broker.open]).toEqual([]);
  });

  const connectPacked = (): Promise<WsClient> =>
    WsClient.connect(`ws://${running.address}/target`, ['typed.v1+msgpack'], {}, PACKED);

  describe('P1: depth and size', () => {
    const deep = '['.repeat(DEPTH) + ']'.repeat(DEPTH);
    const deepObject = '{"a":'.repeat(DEPTH / 4) + '1' + '}'.repeat(DEPTH / 4);

    it.each([
      ['a handler that answers with it', 'echo', deep],
      ['a schema', 'typed', deep],
      ['a schema, one field down', 'typed', `{"text":${deep}}`],
      ['a pipe that walks through it', 'loose', `{"a":${deep}}`],
      ['a pipe that walks through objects', 'loose', `{"a":${deepObject}}`],
      ['an event that is unknown', 'unknown', deepObject],
    ])('nesting of 10^5 in the way of %s is an answer or an error', async (_, event, data) => {
      client.send(`{"event":"${event}","id":1,"data":${data}}`);

      expect(await client.next()).toMatchObject({ id: 1 });
      expect(await client.request('echo', 'fine')).toMatchObject({ data: 'fine' });
    });

    it('a message of 256 KiB is read, one of a byte more closes with 1009', async () => {
      const head = '{"event":"echo","id":1,"data":"';
      const fill = 'x'.repeat(256 * 1024 - head.length - 2);
      client.send(`${head}${fill}"}`);
      expect(await client.next()).toMatchObject({ id: 1, data: fill });
      client.send(`${head}${fill}x"}`);

      expect(await client.closed).toMatchObject({ code: 1009 });
    });

    it('as many keys as fit are read', async () => {
      const data = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`k${i}`, 0]));

      expect(await client.request('count', data)).toMatchObject({ data: 20_000 });
    });
  });

  describe('P2: types and fields', () => {
    it.each([
      'null',
      '0',
      '""',
      '[]',
      '[{"event":"echo"}]',
      '{}',
      '{"data":1}',
      '{"event":null}',
      '{"event":["echo"]}',
      '{"event":{"toString":"echo"}}',
      '{"event":"echo","id":null}',
      '{"event":"echo","id":[]}',
      '{"event":"echo","id":1e400}',
      '{"event":"echo","id":0.5}',
      '{"event":"echo","id":true}',
      '{"event":"echo","id":{"length":1}}',
      '{"__proto__":{"event":"echo","id":1}}',
    ])('%s gets an exception without an id', async (text) => {
      client.send(text);

      expect(await client.next()).toEqual({
        event: 'exception',
        data: expect.objectContaining({ statusCode: 400, code: 'BAD_MESSAGE' }),
      });
    });

    it.each(['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'nestwire:session', 'exception'])(
      'the event %s is unknown',
      async (event) => {
        expect(await client.request(event, { polluted: 1 })).toMatchObject({
          data: { code: 'UNKNOWN_EVENT' },
        });
      },
    );

    it('keys of prototypes reach the handler as keys, and nothing else', async () => {
      client.send(
        '{"event":"count","id":1,"data":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}',
      );
      expect(await client.next()).toMatchObject({ data: 2 });
      client.send('{"event":"loose","id":2,"data":{"a":1,"__proto__":{"polluted":1}}}');
      expect(await client.next()).toMatchObject({ id: 2 });
    });
  });

  describe('P3: ids and counts', () => {
    it.each([0, 1e9, -1e9, Number.MAX_SAFE_INTEGER, '__proto__', 'constructor', '', 'x'.repeat(64)])(
      'a cancel of %p, which is the id of nothing, does nothing; the id is free',
      async (id) => {
        client.send({ event: 'nestwire:cancel', id });
        expect(await client.request('echo', 'own', id)).toEqual({ event: 'echo', id, data: 'own' });
      },
    );

    it('an answer to nothing, or a count of attachments, means nothing', async () => {
      client.send({ event: 'exception', id: 7, data: {} });
      client.send({
        event: 'echo',
        id: 8,
        data: 1,
        more: true,
        attachments: 1e9,
        channel: 'x',
        cursor: '1.e.1',
      });

      expect((await client.take(2)).map((message) => [message['id'], message['event']])).toEqual([
        [7, 'exception'],
        [8, 'echo'],
      ]);
    });

    it('streams and requests that are never let go stop at their limits', async () => {
      for (let i = 0; i < 200; i++) client.send({ event: 'watch', id: `w${i}` });
      client.send({ event: 'echo', id: 'end' });
      const refused = await client.take(200 - 64);
      expect(new Set(refused.map(codeOf))).toEqual(new Set(['TOO_MANY_STREAMS']));
      expect(await client.next()).toMatchObject({ event: 'echo', id: 'end' });
    });

    it('requests that wait for one that never ends stop being read', async () => {
      client.send({ event: 'never', id: 'n' });
      const message = JSON.stringify({ event: 'echo', data: 'x'.repeat(1000) });
      for (let i = 0; i < 20_000; i++) client.socket.send(message);
      const unsent = await settledAmount(client.socket);

      expect(unsent).toBeGreaterThan(5 * MIB);
    });
  });

  describe('P4 to P6: channels', () => {
    it('P4: a leave in another case leaves nothing, and nothing is left when the client is gone', async () => {
      await client.request('join', 'Room');
      await client.request('leave', 'room');
      expect([...broker.open]).toEqual([['Room', 1]]);
      await client.request('leave', 'Room');

      expect([...broker.open]).toEqual([]);
    });

    it('P5: of 10^5 joins the first 128 succeed', async () => {
      const codes = new Map<unknown, number>();
      for (let sent = 0; sent < 100_000; sent += 1000) {
        for (let i = sent; i < sent + 1000; i++) client.send({ event: 'join', data: `c${i}`, id: i });
        for (const answer of await client.take(1000)) {
          codes.set(codeOf(answer), (codes.get(codeOf(answer)) ?? 0) + 1);
        }
      }

      expect([...codes]).toEqual([
        [undefined, 128],
        ['CHANNEL_LIMIT', 100_000 - 128],
      ]);
      expect(broker.open.size).toBe(128);
    });

    it.each(['__proto__', 'constructor', '*', '>', 'a.*', 'a\r\nb', '\0', '{x}', ' ', 'ü'])(
      'P6: the channel %j is a name like any other',
      async (name) => {
        expect(await client.request('join', name)).toEqual({ event: 'join', id: 'r' });
        expect([...broker.open]).toEqual([[name, 1]]);
      },
    );

    it.each<[string, unknown]>([
      ['nothing', ''],
      ['10 KB', 'x'.repeat(10_000)],
      ['256 bytes', 'ü'.repeat(128)],
      ['a number', 7],
      ['null', null],
      ['an array', []],
      ['an object without a name', {}],
      ['an object with a name that is none', { name: 7 }],
    ])('P6: %s names no channel', async (_, name) => {
      expect(codeOf(await client.request('join', name))).toBe('INVALID_CHANNEL_NAME');
      expect([...broker.open]).toEqual([]);
    });
  });

  describe('MessagePack', () => {
    const arrayOf = (length: number): Uint8Array =>
      bytes(
        0xdd,
        [24, 16, 8, 0].map((shift) => (length >>> shift) & 0xff),
      );

    it.each<[string, Uint8Array]>([
      ['an array that declares 2^32 - 1 elements', arrayOf(0xffffffff)],
      ['a map that declares 2^32 - 1 entries', bytes(0xdf, 0xff, 0xff, 0xff, 0xff)],
      ['text that declares 2^32 - 1 bytes', bytes(0xdb, 0xff, 0xff, 0xff, 0xff)],
      ['bytes that declare 2^32 - 1', bytes(0xc6, 0xff, 0xff, 0xff, 0xff)],
      ['an extension that declares 2^32 - 1 bytes', bytes(0xc9, 0xff, 0xff, 0xff, 0xff, 42)],
      ['nesting of 10^5', new Uint8Array(DEPTH).fill(0x91)],
      ['a key of prototypes', MessagePack.encode(JSON.parse('{"__proto__":{"polluted":1}}'))],
      ['a map as a key', bytes(0x81, 0x80, 0)],
      ['a type byte that is none', bytes(0xc1)],
      ['a timestamp of a size that is none', bytes(0xd4, 0xff, 0)],
    ])('(%s) is refused, and the session lives', async (_, data) => {
      const packed = await connectPacked();
      packed.send(packedEcho(data));
      expect(codeOf(await packed.next())).toBe('BAD_MESSAGE');

      expect(await packed.request('echo', [1])).toEqual({ event: 'echo', id: 'r', data: [1] });
      packed.terminate();
    });

    it('(50,000 arrays in one another that declare 32 Mi elements each) makes room for none of them', async () => {
      const packed = await connectPacked();
      const bomb = packedEcho(bytes(...Array.from({ length: 50_000 }, () => arrayOf(32 * MIB - 1))));
      const before = process.memoryUsage().rss;
      packed.send(bomb);
      expect(codeOf(await packed.next())).toBe('BAD_MESSAGE');

      expect(process.memoryUsage().rss - before).toBeLessThan(100 * MIB);
      packed.terminate();
    });

    it('(as many keys, elements and extensions as fit) is read', async () => {
      const packed = await connectPacked();
      const keys = Object.fromEntries(Array.from({ length: 30_000 }, (_, i) => [`k${i}`, 0]));
      expect(await packed.request('count', keys)).toMatchObject({ data: 30_000 });
      packed.send(packedEcho(bytes(arrayOf(200_000), new Uint8Array(200_000))));
      expect((await packed.next())['data']).toHaveLength(200_000);
      packed.send(packedEcho(MessagePack.encode(new MessagePack.ExtData(42, new Uint8Array(9)))));
      expect(await packed.next()).toMatchObject({ id: 1, event: 'echo' });
      packed.terminate();
    });

    it('(a hundred that are none, in a row) closes with 4400', async () => {
      const packed = await connectPacked();
      for (let i = 0; i < 100; i++) packed.send(bytes(0xc1));

      expect(await packed.closed).toMatchObject({ code: 4400 });
    });
  });
});
