import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
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
import { Channels, type Channel, SseEndpoint, type SseItem, sse } from 'nestwire';
import { NEVER, Observable, Subject, concat, of, throwError } from 'rxjs';
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
  async square(
    @Param('n', ParseIntPipe) n: number,
    @Query('plus') plus: string,
    @Headers('x-more') more: string,
  ): Promise<Observable<unknown>> {
    return of([n * n, plus, more]);
  }

  @SseEndpoint('generator')
  async *generator(): AsyncIterable<number> {
    try {
      for (let i = 0; ; i++) yield i;
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
    return concat(
      of(1),
      throwError(() => new ConflictException('in the middle')),
    );
  }

  @SseEndpoint('posted', { method: 'POST' })
  posted(): Observable<string> {
    return of('posted');
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
});
