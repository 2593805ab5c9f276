import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, type INestApplication, Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { NestwireModule, SseEndpoint } from 'nestwire';
import { NEVER, type Observable, concat, of } from 'rxjs';
import { EventStreamParser, type ReceivedEvent } from '../../lib/protocol/event-stream/index.js';

const STILL_TURNS = 200;

let pulled = 0;
let torn = 0;

@Controller()
class Http2Controller {
  @SseEndpoint('numbers')
  numbers(): Observable<number> {
    return of(1, 2);
  }

  @SseEndpoint('open')
  open(): Observable<unknown> {
    return concat(of('begun'), NEVER);
  }

  @SseEndpoint('flood')
  async *flood(): AsyncIterable<string> {
    try {
      for (; ; pulled++) yield 'x'.repeat(16_384);
    } finally {
      torn++;
    }
  }
}

@Module({ imports: [NestwireModule.forRoot()], controllers: [Http2Controller] })
class Http2Module {}

describe('@SseEndpoint over HTTP/2', () => {
  let app: INestApplication;
  let session: ClientHttp2Session;

  beforeEach(async () => {
    pulled = torn = 0;
    Logger.overrideLogger(false);
    app = await NestFactory.create(Http2Module, new FastifyAdapter({ http2: true }), { logger: false });
    await app.listen(0, '127.0.0.1');
    const { port } = (app.getHttpServer() as { address(): AddressInfo }).address();
    session = connect(`http://127.0.0.1:${port}`);
  });

  afterEach(async () => {
    session.destroy();
    await app.close();
  });

  const get = (path: string): ClientHttp2Stream => session.request({ ':path': path });

  async function readAll(stream: ClientHttp2Stream): Promise<ReceivedEvent[]> {
    const events: ReceivedEvent[] = [];
    const parser = new EventStreamParser({ onEvent: (event) => events.push(event) });
    for await (const chunk of stream) parser.push(chunk as Buffer);
    return events;
  }

  it('sends events, with no header that HTTP/2 forbids', async () => {
    const stream = get('/numbers');
    const headers = (await once(stream, 'response'))[0] as Record<string, unknown>;

    expect(headers).toMatchObject({ ':status': 200, 'content-type': 'text/event-stream' });
    expect(headers['connection']).toBeUndefined();
    expect((await readAll(stream)).map(({ data }) => data)).toEqual(['1', '2', '{}']);
  });

  it('does not pull a generator whose client reads nothing, and ends it when that leaves', async () => {
    const stream = get('/flood');
    await once(stream, 'response');
    await untilStill(() => pulled);
    expect(pulled).toBeLessThan(200);

    stream.close();
    while (torn === 0) await turn();
  });

  it('lets the server close while clients are connected', async () => {
    const stream = get('/open');
    await once(stream, 'response');
    const rest = readAll(stream);

    await app.close();
    expect((await rest).map(({ data }) => data)).toEqual(['begun']);
    if (!session.closed) await once(session, 'close');
  });

  /** Until the value has not changed for many turns: what is pulled without end changes in each. */
  async function untilStill(value: () => number): Promise<void> {
    let before = -1;
    for (let turns = 0; turns < STILL_TURNS; turns++) {
      if (value() !== before) turns = 0;
      before = value();
      await turn();
    }
  }
});
