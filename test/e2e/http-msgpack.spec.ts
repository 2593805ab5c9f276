import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as MessagePack from '@msgpack/msgpack';
import {
  type Channel,
  Channels,
  CurrentSession,
  Gateway,
  GatewaySession,
  Payload,
  Subscribe,
  defineProtocol,
  msgpack,
} from 'nestwire';
import { type Envelope, HttpGatewayClient, messagesOf } from '../support/http-gateway-client.js';
import { type TestApp, startApp } from '../support/test-app.js';

const FileProtocol = defineProtocol('file.v1', { client: {}, server: {} });

@Gateway({ path: '/files', protocol: FileProtocol })
class FileGateway {
  readonly parts: Channel<string>;

  constructor(channels: Channels) {
    this.parts = channels.channel('parts', { history: { size: 10 } });
  }

  @Subscribe('turn')
  turn(@Payload() bytes: Uint8Array): Uint8Array {
    return bytes.slice().reverse();
  }

  @Subscribe('join')
  join(@CurrentSession() session: GatewaySession): void {
    void session.join(this.parts);
  }
}

interface Packed {
  readonly base64: string;
}

const pack = (message: unknown): Packed => ({
  base64: Buffer.from(MessagePack.encode(message)).toString('base64'),
});

/** Bytes of a message that came down, as a client finds them. */
const unpack = (message: unknown): Envelope =>
  MessagePack.decode(Buffer.from((message as Packed).base64, 'base64')) as Envelope;

const TURNED = { event: 'turn', id: 1, data: new Uint8Array([255, 2, 0]) };
const ASK = pack({ event: 'turn', id: 1, data: new Uint8Array([0, 2, 255]) });

describe('MessagePack over plain HTTP', () => {
  let running: TestApp;
  let gateway: FileGateway;
  let client: HttpGatewayClient;

  beforeEach(async () => {
    running = await startApp({
      module: { providers: [FileGateway] },
      nestwire: { codecs: [msgpack(MessagePack)], limits: { closeWaitMs: 100 } },
    });
    gateway = running.app.get(FileGateway);
    const url = `http://${running.address}/files`;
    client = new HttpGatewayClient(url, { 'Nestwire-Protocol': 'file.v1+msgpack' });
    const created = await client.create();
    expect(created.headers.get('Nestwire-Protocol')).toBe('file.v1+msgpack');
  });

  afterEach(async () => {
    await running.close();
  });

  /** The first poll of a connection. @returns its batch */
  async function connect(resumed: boolean): Promise<number> {
    const answer = await client.poll();
    const [introduction] = messagesOf(answer).map(unpack);
    expect(introduction).toMatchObject({ event: 'nestwire:session', data: { resumed } });
    client.learn(introduction!);
    return answer.body!['batch'] as number;
  }

  it('comes up in a POST and down by polls, bytes as they are', async () => {
    const ack = await connect(false);
    expect((await client.post(1, [ASK])).status).toBe(202);

    expect(messagesOf(await client.poll(ack, 5)).map(unpack)).toEqual([TURNED]);
  });

  it('comes up in a body that is MessagePack as a whole', async () => {
    const ack = await connect(false);
    const messages = [
      { event: 'turn', id: 1, data: new Uint8Array([0, 2, 255]) },
      { event: 'none', id: 2 },
    ];
    const headers = { 'Content-Type': 'application/nestwire+msgpack' };
    const body = MessagePack.encode({ seq: 1, messages });
    expect((await client.request('POST', headers, body)).body).toEqual({ ack: 1 });
    expect((await client.request('POST', headers, body)).body).toEqual({ ack: 1 });

    const [turned, unknown, ...others] = messagesOf(await client.poll(ack, 5)).map(unpack);
    expect([turned, unknown, others]).toEqual([TURNED, expect.objectContaining({ id: 2 }), []]);
  });

  it('is no body for a session in JSON, which is told the type that is', async () => {
    const plain = new HttpGatewayClient(client.url);
    await plain.create();
    await plain.poll();
    const headers = { 'Content-Type': 'application/nestwire+msgpack' };
    const refused = await plain.request('POST', headers, MessagePack.encode({ seq: 1, messages: [] }));
    expect([refused.status, refused.body!['message']]).toEqual([
      415,
      'a body must be application/nestwire+json',
    ]);
  });

  it('comes down an event stream, publications too, and ends with a message in JSON', async () => {
    const stream = await client.stream();
    const next = async (): Promise<unknown> => JSON.parse((await stream.next())!.data) as unknown;
    client.learn(unpack(await next()));
    await client.post(1, [ASK, pack({ event: 'join' })]);
    expect([unpack(await next()), unpack(await next()).event]).toEqual([TURNED, 'nestwire:joined']);
    await gateway.parts.publish('first');
    expect(unpack(await next())).toMatchObject({ event: 'message', channel: 'parts', data: 'first' });

    const closed = running.close();
    expect(await next()).toMatchObject({ event: 'nestwire:close', data: { code: 1012 } });
    await closed;
  });

  it('resumes, with control messages that are packed too', async () => {
    await connect(false);
    await client.post(1, [ASK]);
    const ack = await connect(true);
    await client.post(1, [pack({ event: 'nestwire:resume', data: { received: 0 } })]);

    expect(messagesOf(await client.poll(ack, 5)).map(unpack)).toEqual([TURNED]);
  });

  it('answers what is none by an exception', async () => {
    const ack = await connect(false);
    await client.post(1, [{ base64: '@@@' }, pack('text'), { event: 'turn', base64: 'AAAA' }]);

    const answers = messagesOf(await client.poll(ack, 5)).map(unpack);
    expect(answers.map(({ data }) => data!['code'])).toEqual(['BAD_MESSAGE', 'BAD_MESSAGE', 'BAD_MESSAGE']);
  });
});
