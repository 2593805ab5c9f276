import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Logger } from '@nestjs/common';
import { Gateway, SseEndpoint, Subscribe } from 'nestwire';
import { NEVER, type Observable } from 'rxjs';
import { connectRaw, handshake } from '../support/raw-http.js';
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

  @Get('endless')
  endless(): Promise<string> {
    arrived++;
    return new Promise(() => undefined);
  }
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
    await pause(50); // until it waits
    const closing = close();
    const last = (await (await waiting).json()) as { messages: object[] };
    await closing;

    expect(last.messages.at(-1)).toEqual({
      event: 'nestwire:close',
      data: { code: 1012, reason: expect.stringMatching(/^retry=\d+$/) },
    });
  });
});
