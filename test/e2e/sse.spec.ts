import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Body,
  ConflictException,
  Controller,
  Header,
  Headers,
  HttpCode,
  NotFoundException,
  Param,
  ParseIntPipe,
  Query,
} from '@nestjs/common';
import { SseEndpoint, type SseItem, sse } from 'nestwire';
import { NEVER, Observable, concat, of, throwError } from 'rxjs';
import { EventStream } from '../support/event-stream.js';
import { type Platform, type TestApp, startApp } from '../support/test-app.js';

const torn: string[] = [];

@Controller('streams')
class StreamsController {
  @SseEndpoint('numbers')
  numbers(): Observable<number> {
    return of(1, 2, 3);
  }

  @SseEndpoint('items')
  items(): Observable<SseItem | string> {
    return of('a\nb\r\nc\rd', sse({ event: 'tick', id: '7', data: { n: 1 } }), sse({ comment: 'psst' }));
  }

  @SseEndpoint('square/:n')
  @Header('X-Own', 'yes')
  @Header('Cache-Control', 'public')
  async square(
    @Param('n', ParseIntPipe) n: number,
    @Query('plus') plus: string,
    @Headers('x-more') more: string,
  ): Promise<Observable<unknown>> {
    return of([n * n, plus, more]);
  }

  @SseEndpoint('generator')
  async *generator(): AsyncIterable<string> {
    try {
      for (;;) yield 'x'.repeat(16_384);
    } finally {
      torn.push('generator');
    }
  }

  @SseEndpoint('endless')
  endless(): Observable<unknown> {
    return new Observable((subscriber) => {
      subscriber.next('begun');
      return () => torn.push('endless');
    });
  }

  @SseEndpoint('fails/:how')
  async fails(@Param('how') how: string): Promise<Observable<unknown>> {
    if (how === 'before') throw new NotFoundException('no such job');
    if (how === 'at-once') return throwError(() => new ConflictException('too late'));
    if (how === 'unknown')
      return concat(
        of(1),
        throwError(() => new Error('secret')),
      );
    if (how === 'untold')
      return concat(
        of(1),
        throwError(() => new ConflictException({ message: 'in the middle', details: 1n })),
      );
    return concat(
      of(1),
      throwError(() => new ConflictException('in the middle')),
    );
  }

  @SseEndpoint('posted', { method: 'POST' })
  posted(@Body('text') text: string): Observable<string> {
    return of(text);
  }

  @SseEndpoint('teapot', { method: 'POST' })
  @HttpCode(202)
  teapot(): Observable<string> {
    return of('x');
  }

  @SseEndpoint('quiet')
  quiet(): Observable<never> {
    return NEVER;
  }

  @SseEndpoint('compressed', { compression: true, retryMs: 77 })
  compressed(): Observable<unknown> {
    return concat(of('a'.repeat(1000)), NEVER);
  }

  @SseEndpoint('complete', { compression: true })
  complete(): Observable<number> {
    return of(1);
  }

  @SseEndpoint('wrong')
  wrong(): Observable<never> {
    return 'no stream' as unknown as Observable<never>;
  }
}

describe.each<Platform>(['Express', 'Fastify'])('@SseEndpoint over HTTP/1.1, on %s', (platform) => {
  let test: TestApp;
  const open: EventStream[] = [];

  beforeEach(async () => {
    torn.length = 0;
    test = await startApp({ module: { controllers: [StreamsController] }, platform });
  });

  afterEach(async () => {
    for (const stream of open.splice(0)) stream.close();
    // fetch opens another connection when a request is aborted, and leaves it idle
    test.server.closeAllConnections();
    await test.close();
  });

  const url = (path: string): string => `http://${test.address}/streams/${path}`;

  async function stream(path: string, init?: RequestInit): Promise<EventStream> {
    const opened = await EventStream.open(url(path), init);
    open.push(opened);
    return opened;
  }

  it('sends the items of an Observable as events, then the end', async () => {
    const numbers = await stream('numbers');

    expect(numbers.status).toBe(200);
    expect(numbers.headers.get('content-type')).toBe('text/event-stream');
    expect(await numbers.rest()).toEqual([
      { event: 'message', data: '1', id: '' },
      { event: 'message', data: '2', id: '' },
      { event: 'message', data: '3', id: '' },
      { event: 'nestwire:done', data: '{}', id: '1.stream.done' },
    ]);
    expect(numbers.retryMs).toBe(3000);
  });

  it('writes text as it is and anything else as JSON, with what sse() says beside', async () => {
    const items = await stream('items');

    expect(await items.rest()).toEqual([
      { event: 'message', data: 'a\nb\nc\nd', id: '' },
      { event: 'tick', data: '{"n":1}', id: '7' },
      { event: 'nestwire:done', data: '{}', id: '1.stream.done' },
    ]);
    expect(items.comments).toEqual([' psst']);
  });

  it('keeps proxies from storing, changing and gathering it', async () => {
    const { headers } = await stream('quiet');

    expect(headers.get('cache-control')).toBe('no-store, no-transform');
    expect(headers.get('x-accel-buffering')).toBe('no');
    expect(headers.get('vary')).toBe('Accept, Prefer');
  });

  it('sends compressed events at once, where that is asked for', async () => {
    const compressed = await stream('compressed', { headers: { 'Accept-Encoding': 'gzip' } });
    expect(compressed.headers.get('content-encoding')).toBe('gzip');
    expect(await compressed.next()).toMatchObject({ data: 'a'.repeat(1000) });
    expect(compressed.retryMs).toBe(77);

    const complete = await stream('complete', { headers: { 'Accept-Encoding': 'gzip' } });
    expect((await complete.rest()).map(({ event }) => event)).toEqual(['message', 'nestwire:done']);
    const plain = await stream('compressed', { headers: { 'Accept-Encoding': 'identity' } });
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(await plain.next()).toMatchObject({ data: 'a'.repeat(1000) });
  });

  it('takes parameters, pipes, headers and promises as any route', async () => {
    const square = await stream('square/7?plus=a', { headers: { 'X-More': 'b' } });

    expect(square.headers.get('x-own')).toBe('yes');
    expect(square.headers.get('cache-control')).toBe('no-store, no-transform');
    expect(await square.next()).toMatchObject({ data: '[49,"a","b"]' });
    expect((await stream('square/seven')).status).toBe(400);
  });

  it('serves POST with 200, or with the status that @HttpCode says', async () => {
    const headers = { 'Content-Type': 'application/json' };
    const posted = await stream('posted', { method: 'POST', headers, body: '{"text":"posted"}' });

    expect(posted.status).toBe(200);
    expect(await posted.next()).toMatchObject({ data: 'posted' });
    expect((await stream('teapot', { method: 'POST' })).status).toBe(202);
    expect((await stream('posted')).status).toBe(404);
  });

  it.each([
    ['before the stream', 'before', 404],
    ['at once', 'at-once', 409],
  ])('answers an error that comes %s as on any route', async (_, how, status) => {
    const { response } = await stream(`fails/${how}`);

    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toMatch('application/json');
    expect(await response.json()).toMatchObject({ statusCode: status });
  });

  it('answers a result that is no stream with 500', async () => {
    expect((await stream('wrong')).status).toBe(500);
  });

  it('tells an error in the middle as an event, and ends', async () => {
    const events = await (await stream('fails/late')).rest();

    expect(events.map(({ event }) => event)).toEqual(['message', 'error']);
    expect(JSON.parse(events[1]!.data)).toEqual({
      status: 'error',
      statusCode: 409,
      code: 'CONFLICT',
      message: 'in the middle',
    });
    expect(events[1]!.id).toBe('');
  });

  it('tells an error that cannot be told as JSON as one of the server', async () => {
    const events = await (await stream('fails/untold')).rest();

    expect(events.map(({ event }) => event)).toEqual(['message', 'error']);
    expect(JSON.parse(events[1]!.data)).toMatchObject({ statusCode: 500, code: 'NOT_ENCODABLE' });
  });

  it('keeps what is not made for clients to itself', async () => {
    const events = await (await stream('fails/unknown')).rest();

    expect(JSON.parse(events[1]!.data)).toMatchObject({
      statusCode: 500,
      code: 'INTERNAL_SERVER_ERROR',
      message: 'Internal server error',
    });
  });

  it.each(['endless', 'generator'])('runs the teardown of %s when its client leaves', async (name) => {
    const left = await stream(name);
    await left.next();
    left.close();

    while (!torn.includes(name)) await turn();
    expect(torn).toEqual([name]);
  });

  it('sends a browser that has everything 204, so that it stays away', async () => {
    const again = await stream('numbers', { headers: { 'Last-Event-ID': '1.stream.done' } });

    expect(again.status).toBe(204);
    expect(await again.rest()).toEqual([]);
  });

  it('refuses polls of a stream that has no cursors, and runs its teardown', async () => {
    const { response } = await stream('generator', { headers: { Accept: 'application/json' } });

    expect(response.status).toBe(406);
  });

  it('refuses what is neither an event stream nor JSON', async () => {
    expect((await stream('numbers', { headers: { Accept: 'text/html' } })).status).toBe(406);
  });

  it('answers HEAD without asking the method', async () => {
    const { response } = await stream('endless', { method: 'HEAD' });

    expect(response.status).toBe(200);
    expect(torn).toEqual([]);
  });

  it('ends open streams at shutdown, and tells clients when to come back', async () => {
    const quiet = await stream('quiet');
    await quiet.until(({ retryMs }) => retryMs !== undefined);
    quiet.retryMs = undefined;
    const closing = test.close();

    expect(await quiet.rest()).toEqual([]);
    expect(quiet.retryMs).toBeGreaterThanOrEqual(3000);
    expect(quiet.retryMs).toBeLessThan(6000);
    await closing;
  });
});
