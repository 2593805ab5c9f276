import { once } from 'node:events';
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Logger } from '@nestjs/common';
import { Gateway, SseEndpoint, Subscribe } from 'nestwire';
import { NEVER, type Observable } from 'rxjs';
import { HttpGatewayClient } from '../support/http-gateway-client.js';
import { connectRaw, handshake, readAll } from '../support/raw-http.js';
import { type Platform, type TestApp, startApp } from '../support/test-app.js';
import { WsClient } from '../support/ws-client.js';

let finish: (value: string) => void;

@Gateway('/work')
class WorkGateway {
  @Subscribe('slow')
  slow(): Promise<string> {
    return new Promise((resolve) => (finish = resolve));
  }
}

let arrived = 0;
let answer: () => void;

@Controller()
class RequestController {
  @Get('short')
  short(): Promise<string> {
    arrived++;
    return new Promise((resolve) => (answer = () => resolve('answered')));
  }

  @SseEndpoint('stream')
  stream(): Observable<never> {
    return NEVER;
  }

  @SseEndpoint('replayed', { replay: { key: () => 'all', history: { size: 1 } } })
  replayed(): Observable<never> {
    return NEVER;
  }

  @Get('endless')
  endless(): Promise<string> {
    arrived++;
    return new Promise(() => undefined);
  }
}

/** What a request that is here goes through takes turns of the loop, and waits for nothing from outside. */
async function untilItWaits(): Promise<void> {
  for (let turns = 0; turns < 10; turns++) await turn();
}

const retryOf = (reason: string): number => Number(/^retry=(\d+)$/.exec(reason)?.[1]);

describe.each<Platform>(['Express', 'Fastify'])('a graceful shutdown on %s', (platform) => {
  let test: TestApp | undefined;

  afterEach(async () => {
    finish?.('');
    arrived = 0;
    await test?.close();
  });

  const start = async (limits = {}): Promise<TestApp> =>
    (test = await startApp({
      platform,
      module: { controllers: [RequestController], providers: [WorkGateway] },
      nestwire: { limits },
    }));

  it('tells each client when to come back', async () => {
    const { address, close } = await start();
    const clients = await Promise.all([1, 2, 3].map(() => WsClient.connect(`ws://${address}/work`)));
    await close();

    for (const client of clients) {
      const { code, reason } = await client.closed;
      expect(code).toBe(1012);
      expect(retryOf(reason)).toBeGreaterThanOrEqual(500);
      expect(retryOf(reason)).toBeLessThan(1_000);
    }
  });

  it('lets a running request finish first, and refuses newcomers with 503 meanwhile', async () => {
    const { address, close } = await start();
    const client = await WsClient.connect(`ws://${address}/work`);
    client.send({ event: 'slow', id: 1 });
    await client.request('unknown'); // answered after the other has begun
    const closing = close();
    const raw = await connectRaw(address);
    raw.write(handshake(address, { path: '/work' }));
    const [refusal] = (await once(raw, 'data')) as [Buffer];
    const created = await fetch(`http://${address}/work`, {
      method: 'POST',
      headers: { 'Nestwire-Session': 'new' },
    });
    const stream = await fetch(`http://${address}/stream`);
    finish('done');

    expect([stream.status, stream.headers.get('Retry-After')]).toEqual([503, '1']);
    expect(refusal.toString()).toMatch(/^HTTP\/1\.1 503 [\s\S]*\r\nRetry-After: 1\r\n/i);
    expect(created.status).toBe(503);
    expect(created.headers.get('Retry-After')).toBe('1');
    expect(await client.next()).toMatchObject({ data: 'done' });
    expect(await client.closed).toMatchObject({ code: 1012 });
    raw.destroy();
    await closing;
  });

  it('does not wait for a request that never ends', async () => {
    const { address, close } = await start({ shutdownMs: 200, closeWaitMs: 100 });
    const client = await WsClient.connect(`ws://${address}/work`);
    client.send({ event: 'slow', id: 1 });
    await close();

    expect(await client.closed).toMatchObject({ code: 1012 });
  });

  it('says in the log what it waits for, and when it waits no longer', async () => {
    const lines: string[] = [];
    const log = (line: unknown): void => void lines.push(String(line));
    const { address, close } = await start({ shutdownMs: 200, closeWaitMs: 100 });
    Logger.overrideLogger({ log, warn: log, error: log });
    const client = await WsClient.connect(`ws://${address}/work`);
    for (const id of [1, 2]) client.send({ event: 'slow', id });
    await client.request('unknown');
    await close();
    Logger.overrideLogger(false);

    expect(lines.slice(0, 2)).toEqual([
      'shutting down: telling 1 clients within 5 ms, some after their requests: "slow" (2)',
      'not waiting any longer than 100 ms for requests: "slow" (2)',
    ]);
  });

  it('does not wait for connections that never said anything', async () => {
    const { address, close } = await start();
    const silent = await connectRaw(address);
    const gone = once(silent, 'close');
    await close();
    await gone;
  });

  it('gives requests of the application the time there is, and no more', async () => {
    const { address, close } = await start({ shutdownMs: 1_000 });
    const [short, endless] = ['short', 'endless'].map((path) => fetch(`http://${address}/${path}`));
    const cut = endless!.catch((error: unknown) => (error as Error).name);
    while (arrived < 2) await pause(5);
    const closing = close();
    setTimeout(() => answer(), 50);

    expect(await (await short!).text()).toBe('answered');
    expect(await cut).toBe('TypeError');
    await closing;
  });

  describe('ends connections that clients would come back by', () => {
    const request = (path: string, headers: Record<string, string>, method = 'GET'): string => {
      const lines = Object.entries({ Host: 'here', ...headers }).map(([name, value]) => `${name}: ${value}`);
      return `${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
    };
    const POLL = { Accept: 'application/json', Prefer: 'wait=50' };

    /** Only the shutdown can end a connection in the time of a test. */
    async function startKeeping(): Promise<TestApp> {
      const running = await start();
      running.server.keepAliveTimeout = 600_000;
      return running;
    }

    /** What comes by a connection on which a request waits when the application closes, until its end. */
    async function comesBy({ address, server, close }: TestApp, text: string): Promise<string> {
      const socket = await connectRaw(address);
      const here = once(server, 'request');
      socket.write(text);
      await here;
      await untilItWaits();
      const closing = close();
      const all = await readAll(socket);
      await closing;
      return all;
    }

    it.each([
      ['a session by an event stream', { Accept: 'text/event-stream' }, /retry: \d+/],
      ['a session by polls', POLL, /^HTTP\/1.1 200 [^]*\r\nConnection: close\r\n[^]*"retryMs":\d+/],
    ])('of %s', async (_, headers, last) => {
      const running = await startKeeping();
      const client = new HttpGatewayClient(`http://${running.address}/work`);
      await client.create();
      const { body } = await client.poll();
      const path = headers === POLL ? `/work?ack=${Number(body!['batch'])}` : '/work';
      const all = await comesBy(running, request(path, { 'Nestwire-Session': client.ticket, ...headers }));

      expect(all).toMatch(last);
      expect(all).toContain('"event":"nestwire:close"');
    });

    it('of an event stream', async () => {
      const all = await comesBy(await startKeeping(), request('/stream', {}));

      expect(all).toMatch(/retry: \d+\n/);
    });

    it('of a poll of one', async () => {
      const running = await startKeeping();
      const { address } = running;
      const { body } = await new HttpGatewayClient(`http://${address}/replayed`).request('GET', POLL);
      const path = `/replayed?cursor=${String(body!['cursor'])}`;

      expect(await comesBy(running, request(path, POLL))).toMatch(
        /^HTTP\/1.1 200 [^]*\r\nconnection: close\r\n[^]*"retryMs":\d+/i,
      );
    });

    it('of newcomers', async () => {
      const { address, close } = await startKeeping();
      const client = await WsClient.connect(`ws://${address}/work`);
      client.send({ event: 'slow', id: 1 });
      await client.request('unknown'); // answered after the other has begun
      const kept = await Promise.all([connectRaw(address), connectRaw(address)]);
      const closing = close();
      const requests = [
        request('/work', { 'Nestwire-Session': 'new', 'Content-Length': '0' }, 'POST'),
        request('/stream', {}),
      ];
      const all = await Promise.all(
        kept.map((socket, i) => {
          socket.write(requests[i]!);
          return readAll(socket);
        }),
      );
      finish('done');
      await closing;

      for (const text of all) expect(text).toMatch(/^HTTP\/1.1 503 [^]*\r\nconnection: close\r\n/i);
    });

    it('of requests of the application, when those are answered', async () => {
      const running = await startKeeping();
      const { address, server, close } = running;
      const socket = await connectRaw(address);
      const here = once(server, 'request');
      socket.write(request('/short', {}));
      await here;
      while (arrived < 1) await pause(5);
      const closing = close();
      while (server.listening) await pause(5);
      answer();

      expect(await readAll(socket)).toContain('answered');
      await closing;
    });
  });

  it('tells a client that begins anew that its session is gone, and waits for it no longer', async () => {
    const { address, close } = await start({ closeWaitMs: 600_000, shutdownMs: 600_000 });
    const client = new HttpGatewayClient(`http://${address}/work`);
    await client.create();
    const { body } = await client.poll();
    await client.poll(body!['batch'] as number);
    const closing = close();
    let { status } = await client.poll();
    while (status === 503) ({ status } = await client.poll()); // the session is to be told yet

    expect(status).toBe(404);
    await closing;
  });

  it('tells a client that polls in its answer', async () => {
    const { address, close, server } = await start();
    const url = `http://${address}/work`;
    const created = await fetch(url, { method: 'POST', headers: { 'Nestwire-Session': 'new' } });
    const { messages } = (await created.json()) as { messages: [{ data: { id: string; secret: string } }] };
    const poll = async (ticket: { id: string; secret: string }, query: string): Promise<Response> =>
      fetch(url + query, {
        headers: {
          'Nestwire-Session': `${ticket.id}.${ticket.secret}`,
          Accept: 'application/json',
          Prefer: 'wait=20',
        },
      });
    const first = (await (await poll(messages[0].data, '')).json()) as {
      batch: number;
      messages: [{ data: { id: string; secret: string } }];
    };
    const arrived = once(server, 'request');
    const waiting = poll(first.messages[0].data, `?ack=${first.batch}`);
    await arrived;
    await untilItWaits();
    const closing = close();
    const last = (await (await waiting).json()) as { messages: object[] };
    await closing;

    expect(last.messages.at(-1)).toEqual({
      event: 'nestwire:close',
      data: { code: 1012, reason: expect.stringMatching(/^retry=\d+$/) },
    });
  });
});
