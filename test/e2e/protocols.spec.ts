import { afterEach, describe, expect, it } from '@jest/globals';
import * as MessagePack from '@msgpack/msgpack';
import { type Observable, of } from 'rxjs';
import { z } from 'zod';
import {
  type Channel,
  Channels,
  CurrentSession,
  Gateway,
  type GatewaySession,
  InvalidGatewayError,
  Payload,
  Subscribe,
  defineProtocol,
  msgpack,
  raw,
} from 'nestwire';
import { type TestApp, startApp } from '../support/test-app.js';
import { RefusedHandshake, type WireFormat, WsClient } from '../support/ws-client.js';

const Picture = z.object({ name: z.string(), bytes: z.instanceof(Uint8Array) });

const ChatV1 = defineProtocol('chat.v1', {
  client: { send: { payload: z.object({ text: z.string() }), reply: z.string() } },
  server: { sent: z.string() },
});

const ChatV2 = defineProtocol('chat.v2', {
  client: {
    send: {
      payload: z.object({ body: z.string(), to: z.string().default('all') }),
      reply: z.object({ to: z.string() }),
    },
    upload: { payload: Picture, reply: Picture },
    count: { stream: z.number() },
  },
  server: { sent: z.object({ body: z.string() }) },
});

@Gateway({ path: '/chat', protocols: [ChatV2, ChatV1] })
class ChatGateway {
  private readonly lobby: Channel;

  constructor(channels: Channels) {
    this.lobby = channels.channel('lobby', { event: 'said' });
  }

  @Subscribe(ChatV1, 'send')
  sendV1({ text }: { text: string }, session: GatewaySession<typeof ChatV1>): string {
    session.push('sent', text);
    return 'sent';
  }

  @Subscribe(ChatV2, 'send')
  sendV2({ body, to }: { body: string; to: string }, session: GatewaySession<typeof ChatV2>): { to: string } {
    session.push('sent', { body });
    return { to };
  }

  @Subscribe(ChatV2, 'upload')
  upload({ name, bytes }: z.infer<typeof Picture>): z.infer<typeof Picture> {
    return { name: name.toUpperCase(), bytes: bytes.map((byte) => byte + 1) };
  }

  @Subscribe(ChatV2, 'count')
  count(): Observable<number> {
    return of(1, 2);
  }

  @Subscribe('join')
  async join(@CurrentSession() session: GatewaySession): Promise<void> {
    await session.join(this.lobby);
  }

  @Subscribe('say')
  async say(@Payload() data: unknown): Promise<void> {
    await this.lobby.publish(data);
  }

  @Subscribe('fail')
  fail(): never {
    throw new Error('secret');
  }
}

@Gateway({ path: '/raw', codec: raw })
class RawGateway {
  private readonly lobby: Channel;

  constructor(channels: Channels) {
    this.lobby = channels.channel('lobby', { event: 'said' });
  }

  @Subscribe('message')
  async message(
    @Payload() data: string | Buffer,
    @CurrentSession() session: GatewaySession,
  ): Promise<unknown> {
    if (data === 'join') return session.join(this.lobby);
    if (data === 'fail') throw new Error('secret');
    if (data === 'count') return of('1', Buffer.from([2]));
    session.push('ignored', 'first');
    return typeof data === 'string' ? data.toUpperCase() : Buffer.from(data).reverse();
  }
}

const PACKED: WireFormat = {
  encode: (message) => MessagePack.encode(message, { ignoreUndefined: true }),
  decode: (data, isBinary) => (isBinary ? MessagePack.decode(data) : data.toString()),
};

const AS_IT_IS: WireFormat = {
  encode: (message) => message as string,
  decode: (data, isBinary) => (isBinary ? [...data] : data.toString()),
};

describe('a gateway with several protocols', () => {
  let running: TestApp | undefined;

  afterEach(async () => {
    await running?.close();
    running = undefined;
  });

  async function connect(...tokens: string[]): Promise<WsClient> {
    running ??= await startApp({
      module: { providers: [ChatGateway] },
      nestwire: { codecs: [msgpack(MessagePack)] },
    });
    const format = tokens[0]?.endsWith('+msgpack') ? [PACKED] : [];
    return WsClient.connect(`ws://${running.address}/chat`, tokens, {}, ...format);
  }

  it.each([
    [['chat.v1'], 'chat.v1', { text: 'hi' }, 'hi', 'sent'],
    [['chat.v2'], 'chat.v2', { body: 'hi' }, { body: 'hi' }, { to: 'all' }],
    [['chat.v3', 'chat.v1', 'chat.v2'], 'chat.v1', { text: 'hi' }, 'hi', 'sent'],
    [[], '', { body: 'hi', to: 'ann' }, { body: 'hi' }, { to: 'ann' }],
    [['chat.v1+msgpack'], 'chat.v1+msgpack', { text: 'hi' }, 'hi', 'sent'],
    [['chat.v2+msgpack'], 'chat.v2+msgpack', { body: 'hi' }, { body: 'hi' }, { to: 'all' }],
  ])(
    'has the handler of the version that the client offers: %j',
    async (offered, chosen, data, pushed, reply) => {
      const client = await connect(...offered);
      client.send({ event: 'send', id: 1, data });

      expect(client.socket.protocol).toBe(chosen);
      expect(await client.take(2)).toEqual([
        { event: 'sent', data: pushed },
        { event: 'send', id: 1, data: reply },
      ]);
    },
  );

  it('knows the events of the version only', async () => {
    const v1 = await connect('chat.v1');
    const v2 = await connect('chat.v2+msgpack');

    expect(await v1.request('count')).toMatchObject({ data: { code: 'UNKNOWN_EVENT' } });
    expect(await v1.request('send', { body: 'hi' })).toMatchObject({ data: { code: 'VALIDATION_FAILED' } });
    expect(await v2.request('send', { text: 'hi' })).toMatchObject({
      event: 'exception',
      id: 'r',
      data: { code: 'VALIDATION_FAILED', details: [expect.objectContaining({ path: 'body' })] },
    });
  });

  it('refuses a token whose codec it has not', async () => {
    await expect(connect('chat.v1+cbor')).rejects.toEqual(
      expect.objectContaining({ status: 400, body: expect.stringContaining('chat.v1+msgpack') }),
    );
    await expect(connect('chat.v1+cbor')).rejects.toBeInstanceOf(RefusedHandshake);
  });

  it('carries bytes in MessagePack, both ways, and streams, and exceptions', async () => {
    const client = await connect('chat.v2+msgpack');
    const picture = { name: 'cat', bytes: new Uint8Array([1, 2, 254]) };

    const { data } = await client.request('upload', picture);
    expect(data).toMatchObject({ name: 'CAT' });
    expect([...(data as typeof picture).bytes]).toEqual([2, 3, 255]);

    client.send({ event: 'count', id: 1 });
    expect(await client.take(3)).toEqual([
      { event: 'count', id: 1, data: 1, more: true },
      { event: 'count', id: 1, data: 2, more: true },
      { event: 'count', id: 1 },
    ]);
    expect(await client.request('fail')).toMatchObject({ event: 'exception', data: { statusCode: 500 } });
  });

  it('answers text in a session of MessagePack with an exception, and lives', async () => {
    const client = await connect('chat.v2+msgpack');
    client.socket.send('{"event":"send"}');

    expect(await client.next()).toMatchObject({ event: 'exception', data: { code: 'BAD_MESSAGE' } });
    expect(await client.request('send', { body: 'hi' })).toMatchObject({ event: 'sent' });
  });

  it('gives each member of a channel what its codec makes of a publication', async () => {
    const members = [await connect('chat.v1'), await connect('chat.v2+msgpack'), await connect('chat.v2')];
    for (const member of members) await member.request('join');
    members[0]!.send({ event: 'say', data: { text: 'ü' } });
    for (const member of members) {
      expect(await member.next()).toEqual({ event: 'said', channel: 'lobby', data: { text: 'ü' } });
    }
  });

  it('tells a member of what its codec cannot carry, and the others get it', async () => {
    const plain = await connect('chat.v1');
    const packed = await connect('chat.v1+msgpack');
    await plain.request('join');
    await packed.request('join');
    let deep: unknown = 1;
    for (let i = 0; i < 200; i++) deep = [deep];
    plain.send({ event: 'say', data: deep });

    expect(await plain.next()).toMatchObject({ event: 'said' });
    expect(await packed.next()).toMatchObject({
      event: 'exception',
      data: { code: 'NOT_ENCODABLE', message: expect.stringContaining('"lobby"') },
    });
  });
});

describe('a session that can be resumed', () => {
  let running: TestApp;

  afterEach(() => running.close());

  it('speaks its codec, control messages included, and is found by that codec only', async () => {
    running = await startApp({
      module: { providers: [ChatGateway] },
      nestwire: { codecs: [msgpack(MessagePack)] },
    });
    const url = `ws://${running.address}/chat?nestwire-session=`;
    const client = await WsClient.connect(`${url}new`, ['chat.v2+msgpack'], {}, PACKED);
    const { event, data } = await client.next();
    expect(event).toBe('nestwire:session');
    client.send({ event: 'nestwire:ping' });
    expect(await client.next()).toMatchObject({ event: 'nestwire:pong', data: { received: 0 } });
    client.terminate();

    const { id, secret } = data as { id: string; secret: string };
    const ticket = `${url}${id}.${secret}`;
    const json = await WsClient.connect(ticket, ['chat.v2']);
    expect(await json.next()).toMatchObject({ event: 'nestwire:session', data: { resumed: false } });
    const packed = await WsClient.connect(ticket, ['chat.v2+msgpack'], {}, PACKED);
    expect(await packed.next()).toMatchObject({ event: 'nestwire:session', data: { resumed: true } });
  });

  it('needs an envelope', async () => {
    running = await startApp({ module: { providers: [RawGateway] } });
    const url = `ws://${running.address}/raw?nestwire-session=new`;

    await expect(WsClient.connect(url)).rejects.toMatchObject({ status: 400 });
  });
});

describe('a gateway whose clients speak no envelope', () => {
  let running: TestApp | undefined;

  afterEach(async () => {
    await running?.close();
    running = undefined;
  });

  async function connect(): Promise<WsClient> {
    running = await startApp({ module: { providers: [RawGateway] } });
    return WsClient.connect(`ws://${running.address}/raw`, [], {}, AS_IT_IS);
  }

  it('gets what comes as string or bytes, and sends results and pushes as they are', async () => {
    const client = await connect();
    client.send('{"no": json');
    client.send(Buffer.from([1, 2, 3]));
    client.send('count');

    expect(await client.take(6)).toEqual(['first', '{"NO": JSON', 'first', [3, 2, 1], '1', [2]]);
  });

  it('sends no exceptions, and lives', async () => {
    const client = await connect();
    client.send('fail');
    client.send('hi');

    expect(await client.take(2)).toEqual(['first', 'HI']);
  });

  it('sends publications without their envelope', async () => {
    const client = await connect();
    client.send('join');
    client.send('joined');
    await client.take(2);
    const lobby = running!.app.get(Channels).channel('lobby');
    await lobby.publish('hello');
    await lobby.publish({ a: 1 });

    expect(await client.take(2)).toEqual(['hello', '{"a":1}']);
  });

  it('cannot have protocols beside it', async () => {
    @Gateway({ path: '/raw', protocol: ChatV1 })
    class TypedGateway {}

    const module = { providers: [RawGateway, TypedGateway] };
    await expect(startApp({ module })).rejects.toBeInstanceOf(InvalidGatewayError);
  });
});
