import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import {
  type CanActivate,
  type ExecutionContext,
  type INestApplication,
  NotFoundException,
  Query,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import {
  Channels,
  CurrentSession,
  Gateway,
  type GatewaySession,
  NestwireModule,
  type NestwireOptions,
  OnConnect,
  Payload,
  Subscribe,
  defineProtocol,
} from 'nestwire';
import {
  AnsweredByExceptionError,
  ConnectionEndedError,
  ConnectionRefusedError,
  NothingCameError,
  type TestClient,
  type TestClientOptions,
  connectInProcess,
  connectOverNetwork,
} from 'nestwire/testing';
import { WebSocketServer } from 'nestwire/websocket';
import { createServer } from 'node:http';
import { type Observable, NEVER, finalize, firstValueFrom, interval, map, take, toArray } from 'rxjs';
import { z } from 'zod';
import { fakeTimeouts } from '../support/fake-timeouts.js';

const Talk = defineProtocol('talk.v1', {
  client: {
    echo: { payload: z.object({ text: z.string() }), reply: z.string() },
    count: { payload: z.object({ to: z.number(), everyMs: z.number() }), stream: z.number() },
    endless: { stream: z.number() },
    news: {},
    flood: { payload: z.object({ bytes: z.number(), times: z.number() }) },
    leave: { payload: z.object({ code: z.number() }) },
    fail: { reply: z.string() },
    ignore: { reply: z.string() },
  },
  server: { welcome: z.object({ from: z.string() }), flood: z.string(), later: z.number() },
});

type Talker = GatewaySession<typeof Talk>;

class KeyGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToWs().getClient<GatewaySession>();
    if (headers['x-key'] !== 'secret') throw new UnauthorizedException({ message: 'no key', hint: 'x-key' });
    return true;
  }
}

let torndown = 0;

@Gateway({ path: '/talk/:room', protocol: Talk, concurrency: 4 })
class TalkGateway {
  @OnConnect()
  @UseGuards(KeyGuard)
  connect(@CurrentSession() session: Talker, @Query('name') name = 'nobody'): void {
    session.push('welcome', { from: `${name} in ${session.params['room'] ?? ''}` });
  }

  @Subscribe(Talk, 'echo')
  echo(@Payload() { text }: { text: string }): string {
    return text;
  }

  @Subscribe(Talk, 'count')
  count(@Payload() { to, everyMs }: { to: number; everyMs: number }): Observable<number> {
    return interval(everyMs).pipe(
      map((i) => i + 1),
      take(to),
      finalize(() => torndown++),
    );
  }

  @Subscribe(Talk, 'endless')
  endless(): Observable<number> {
    return NEVER.pipe(finalize(() => torndown++));
  }

  @Subscribe(Talk, 'news')
  news(_: undefined, session: Talker): void {
    void session.join('news');
  }

  @Subscribe(Talk, 'flood')
  flood({ bytes, times }: { bytes: number; times: number }, session: Talker): void {
    for (let i = 0; i < times; i++) session.push('flood', 'x'.repeat(bytes));
  }

  @Subscribe(Talk, 'leave')
  leave({ code }: { code: number }, session: Talker): void {
    session.close(code, 'go');
  }

  @Subscribe(Talk, 'fail')
  fail(): string {
    throw new NotFoundException({ message: 'not here', details: { tried: 1 } });
  }

  @Subscribe(Talk, 'ignore')
  ignore(): Promise<string> {
    return new Promise(() => undefined);
  }
}

type Options = Omit<TestClientOptions<typeof Talk>, 'protocol'>;

const WAYS = ['in process on Express', 'in process on Fastify', 'over the network'] as const;

describe.each(WAYS)('a client %s', (way) => {
  let app: INestApplication | undefined;

  afterEach(async () => {
    await app?.close();
    torndown = 0;
  });

  async function start(nestwire: NestwireOptions = {}): Promise<void> {
    const testing = await Test.createTestingModule({
      imports: [NestwireModule.forRoot(nestwire)],
      providers: [TalkGateway],
    }).compile();
    const adapter = way.includes('Fastify') ? new FastifyAdapter() : new ExpressAdapter();
    app = testing.createNestApplication(adapter, { logger: false });
    await (way.startsWith('over') ? app.listen(0, '127.0.0.1') : app.init());
  }

  async function connect(options: Options = {}, path = '/talk/blue'): Promise<TestClient<typeof Talk>> {
    const all = { protocol: Talk, headers: { 'X-Key': 'secret' }, waitMs: 10_000, ...options };
    return way.startsWith('over')
      ? connectOverNetwork(new URL(path, await app!.getUrl()), all)
      : connectInProcess(app!, path, all);
  }

  it('asks, and gets answers, pushes and publications', async () => {
    await start();
    const client = await connect({}, '/talk/blue?name=ann');

    expect(await client.request('echo', { text: 'hi' })).toBe('hi');
    expect(await client.next('welcome')).toEqual({ event: 'welcome', data: { from: 'ann in blue' } });
    expect(await client.request('news')).toBeUndefined();
    await app!.get(Channels).channel('news', { event: 'headline' }).publish('peace');
    expect(await client.next()).toMatchObject({ event: 'headline', data: 'peace', channel: 'news' });
    expect(client.socket.protocol).toBe('talk.v1');
  });

  it('reads streams to their end, or cancels them', async () => {
    await start();
    const client = await connect();

    const counted = client.stream('count', { to: 3, everyMs: 1 });
    expect(await firstValueFrom(counted.pipe(toArray()))).toEqual([1, 2, 3]);
    client.stream('endless').subscribe().unsubscribe();
    await client.request('echo', { text: '' });
    expect(torndown).toBe(2);
  });

  it('throws the exceptions that it is answered by', async () => {
    await start();
    const client = await connect();

    const failed: unknown = await client.request('fail').catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(AnsweredByExceptionError);
    expect(failed).toMatchObject({ code: 'NOT_FOUND', statusCode: 404, details: { tried: 1 } });
    expect((failed as Error).message).toBe('"fail" was answered by NOT_FOUND (404): not here');
    client.send('echo', {} as { text: string });
    expect(await client.next('exception')).toMatchObject({ data: { code: 'VALIDATION_FAILED' } });
  });

  it('is refused with status, headers and body', async () => {
    await start();
    const refused: unknown = await connect({ headers: {} }).catch((error: unknown) => error);

    expect(refused).toBeInstanceOf(ConnectionRefusedError);
    expect(refused).toMatchObject({ status: 401, body: { message: 'no key', hint: 'x-key' } });
    expect((refused as ConnectionRefusedError).headers['content-type']).toContain('json');
    await expect(connect({ headers: { Origin: 'https://evil.com' } })).rejects.toMatchObject({
      status: 403,
      body: expect.stringContaining('evil.com'),
    });
    await expect(connect({}, '/nowhere')).rejects.toMatchObject({ status: 404 });
  });

  it('learns how it was closed, and so do those who wait', async () => {
    await start();
    const client = await connect();
    const answer = client.request('ignore');
    const item = firstValueFrom(client.stream('endless'));
    const message = client.next('later');
    client.send('leave', { code: 4000 });
    const failures = [answer, item, message].map((waiting) =>
      expect(waiting).rejects.toThrow(ConnectionEndedError),
    );

    expect(await client.closed).toMatchObject({ code: 4000, reason: 'go' });
    await Promise.all(failures);
    await expect(client.request('fail')).rejects.toThrow('closed with 4000 "go" before the answer to "fail"');
    await expect(client.next('later')).rejects.toThrow('before "later" came');
  });

  it('leaves, or breaks off', async () => {
    await start();
    const [one, other] = [await connect(), await connect()];

    expect(await one.close(4001, 'bye')).toEqual({ code: 4001, reason: 'bye', clean: true });
    other.stream('endless').subscribe({ error: () => undefined });
    await other.request('echo', { text: '' });
    other.terminate();
    expect(await other.closed).toMatchObject({ code: 1006, clean: false });
    while (torndown === 0) await turn();
  });

  it('is cut off when it reads too slowly', async () => {
    await start();
    const client = await connect();
    fakeTimeouts(); // it is given a second to read what is under way and why
    try {
      client.pause();
      for (let i = 0; i < 8; i++) client.send('flood', { bytes: 200_000, times: 40 });
      await pause(50);
      client.resume();
      expect(await client.closed).toMatchObject({ code: 4413 });
    } finally {
      jest.useRealTimers();
    }
  });

  it('does not wait forever', async () => {
    await start({ limits: { shutdownMs: 200 } });
    const client = await connect({ waitMs: 200 });

    await expect(client.request('ignore')).rejects.toThrow(NothingCameError);
    await expect(client.next('later')).rejects.toThrow(
      '"later" did not come within 200 ms; not taken: welcome',
    );
  });

  it('works under fake time', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    try {
      await start();
      const client = await connect();
      const items = firstValueFrom(client.stream('count', { to: 3, everyMs: 3_600_000 }).pipe(toArray()));
      await client.request('echo', { text: 'the stream has begun' });
      await jest.advanceTimersByTimeAsync(3 * 3_600_000);

      expect(await items).toEqual([1, 2, 3]);
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('a client in process', () => {
  it('connects to a bare WebSocketServer too', async () => {
    const http = createServer();
    const server = new WebSocketServer({ server: http });
    server.on('connection', (socket) => socket.send('{"event":"hello","data":1}'));
    const client = await connectInProcess(http, '/');

    expect(await client.next('hello')).toEqual({ event: 'hello', data: 1 });
    client.socket.send('not JSON');
    await client.close();
    server.close();
  });
});
