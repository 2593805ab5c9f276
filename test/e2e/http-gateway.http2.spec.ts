import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type INestApplication, Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Gateway, NestwireModule, Payload, Subscribe } from 'nestwire';
import { EventStreamParser } from '../../lib/protocol/event-stream/index.js';
import type { Envelope } from '../support/http-gateway-client.js';

@Gateway('/desk')
class DeskGateway {
  @Subscribe('add')
  add(@Payload() number: number): number {
    return number + 1;
  }
}

@Module({ imports: [NestwireModule.forRoot({ limits: { closeWaitMs: 1_000 } })], providers: [DeskGateway] })
class Http2Module {}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: { readonly messages?: Envelope[]; readonly batch?: number };
}

const JSON_TYPE = { 'content-type': 'application/nestwire+json' };

describe('A gateway over HTTP/2', () => {
  let app: INestApplication;
  let session: ClientHttp2Session;
  let ticket: string;

  beforeEach(async () => {
    Logger.overrideLogger(false);
    app = await NestFactory.create(Http2Module, new FastifyAdapter({ http2: true }), { logger: false });
    await app.listen(0, '127.0.0.1');
    const { port } = (app.getHttpServer() as { address(): AddressInfo }).address();
    session = connect(`http://127.0.0.1:${port}`);
    ticket = 'new';
  });

  afterEach(async () => {
    session.destroy();
    await app.close();
  });

  function open(
    method: string,
    headers: Record<string, string>,
    body?: string,
    query = '',
  ): ClientHttp2Stream {
    const stream = session.request({
      ':method': method,
      ':path': `/desk${query}`,
      'nestwire-session': ticket,
      ...headers,
    });
    return stream.end(body);
  }

  async function ask(...request: Parameters<typeof open>): Promise<Answer> {
    const stream = open(...request);
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    const answer = await text(stream);
    const body = (answer === '' ? {} : JSON.parse(answer)) as Answer['body'];
    body.messages?.forEach(learn);
    return { status: Number(headers[':status']), headers, body };
  }

  function learn({ event, data }: Envelope): void {
    if (event === 'nestwire:session') ticket = `${String(data!['id'])}.${String(data!['secret'])}`;
  }

  const create = (): Promise<Answer> => ask('POST', {});

  const post = (seq: number, messages: unknown[]): Promise<Answer> =>
    ask('POST', JSON_TYPE, JSON.stringify({ seq, messages }));

  const poll = (query = '', prefer = {}): Promise<Answer> =>
    ask('GET', { accept: 'application/json', ...prefer }, undefined, query);

  /** An event stream's messages, as they come. */
  async function* stream(): AsyncGenerator<Envelope> {
    const received: string[] = [];
    const parser = new EventStreamParser({ onEvent: ({ data }) => received.push(data) });
    for await (const chunk of open('GET', { accept: 'text/event-stream' })) {
      parser.push(chunk as Buffer);
      for (const message of received.splice(0)) {
        const envelope = JSON.parse(message) as Envelope;
        learn(envelope);
        yield envelope;
      }
    }
  }

  it('is asked and answers by POSTs and polls', async () => {
    const created = await create();
    expect(created.status).toBe(201);
    expect(created.headers).not.toHaveProperty('connection');
    const { body } = await poll();
    expect(await post(1, [{ event: 'add', data: 1, id: 1 }])).toMatchObject({
      status: 202,
      body: { ack: 1 },
    });

    const answer = await poll(`?ack=${body.batch}`, { prefer: 'wait=5' });
    expect(answer.body.messages).toEqual([{ event: 'add', id: 1, data: 2 }]);
  });

  it('answers by an event stream, which goes on while others are asked', async () => {
    await create();
    const messages = stream();
    expect((await messages.next()).value).toMatchObject({ event: 'nestwire:session' });
    await post(1, [{ event: 'add', data: 1, id: 1 }]);
    expect((await messages.next()).value).toEqual({ event: 'add', id: 1, data: 2 });

    expect((await ask('DELETE', {})).status).toBe(204);
    expect((await messages.next()).done).toBe(true);
  });

  it('knows its own origin, and refuses another', async () => {
    const { port } = (app.getHttpServer() as { address(): AddressInfo }).address();
    expect((await ask('POST', { origin: `http://127.0.0.1:${port}` })).status).toBe(201);
    ticket = 'new';
    expect((await ask('POST', { origin: 'http://other.example' })).status).toBe(403);
  });

  it('refuses a body that is too large', async () => {
    await create();
    await poll();
    expect((await ask('POST', JSON_TYPE, 'x'.repeat(300_000))).status).toBe(413);
    expect((await post(1, [])).status).toBe(202);
    const headers = { ':method': 'POST', ':path': '/desk', 'nestwire-session': ticket, ...JSON_TYPE };
    const endless = session.request(headers);
    endless.write(Buffer.alloc(300_000));
    let answer = '';
    endless.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    await once(endless, 'close');
    expect(JSON.parse(answer)).toMatchObject({ statusCode: 413 });
    expect(endless.rstCode).toBe(0);
  });

  it('waits for a client whose stream was reset', async () => {
    await create();
    const broken = open('GET', { accept: 'text/event-stream' });
    const parser = new EventStreamParser({ onEvent: ({ data }) => learn(JSON.parse(data) as Envelope) });
    parser.push(((await once(broken, 'data')) as [Buffer])[0]);
    broken.close();
    await once(broken, 'close');

    const messages = stream();
    expect((await messages.next()).value).toMatchObject({
      event: 'nestwire:session',
      data: { resumed: true },
    });
    await messages.return(undefined);
  });

  it('lets the server close while clients are connected', async () => {
    await create();
    const messages = stream();
    await messages.next();
    const closed = app.close();

    expect((await messages.next()).value).toMatchObject({ event: 'nestwire:close', data: { code: 1012 } });
    await closed;
  });
});
