/** Also run on Nest 11. */
import { once } from 'node:events';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { Gateway, NestwireAdapter, type NestwireAdapterOptions, type NestwireOptions } from 'nestwire';
import { NEVER, type Observable, finalize } from 'rxjs';
import { connectRaw, exchange, handshake } from '../../support/raw-http.js';
import { type TestApp, startApp } from '../../support/test-app.js';
import { WsClient } from '../../support/ws-client.js';

let finish: (value: unknown) => void = () => undefined;
const tornDown = jest.fn();

@WebSocketGateway({ path: '/work' })
class WorkGateway {
  @SubscribeMessage('slow')
  slow(): Promise<unknown> {
    return new Promise((resolve) => (finish = resolve));
  }

  @SubscribeMessage('watch')
  watch(): Observable<never> {
    return NEVER.pipe(finalize(tornDown));
  }

  @SubscribeMessage('quick')
  quick(): string {
    return 'answered';
  }
}

@Gateway('/ours')
class OurGateway {}

let test: TestApp | undefined;

async function start(nestwire: NestwireOptions | false, options?: NestwireAdapterOptions): Promise<TestApp> {
  test = await startApp({
    nestwire,
    module: { providers: nestwire ? [WorkGateway, OurGateway] : [WorkGateway] },
    prepare: (app) => app.useWebSocketAdapter(new NestwireAdapter(app, options)),
  });
  return test;
}

/** A client whose message is being handled. */
async function clientWith(event: string): Promise<WsClient> {
  const client = await WsClient.connect(`ws://${test!.address}/work`);
  client.send({ event });
  client.send({ event: 'quick' });
  expect(await client.next()).toBe('answered');
  return client;
}

/** What the application logs about its end. */
async function linesOfClosing(): Promise<string[]> {
  const lines: string[] = [];
  const log = (line: unknown): void => void lines.push(String(line));
  Logger.overrideLogger({ log, warn: log, error: log });
  await test!.close();
  Logger.overrideLogger(false);
  return lines.filter((line) => !line.startsWith('the time of the shutdown'));
}

afterEach(async () => {
  finish(undefined);
  tornDown.mockClear();
  await test?.close();
});

describe.each([
  ['with NestwireModule', (limits: object) => start({ limits })],
  ['by itself', (limits: object) => start(false, limits)],
])('a shutdown of NestwireAdapter %s', (_, startWith) => {
  it('tells each client when to come back', async () => {
    const { address, close } = await startWith({});
    const clients = await Promise.all([1, 2, 3].map(() => WsClient.connect(`ws://${address}/work`)));
    await close();

    for (const client of clients)
      expect(await client.closed).toMatchObject({ code: 1012, reason: expect.stringMatching(/^retry=\d+$/) });
  });

  it('lets a handler finish and answer first, and refuses newcomers with 503 meanwhile', async () => {
    const { address, close } = await startWith({});
    const client = await clientWith('slow');
    const idle = await WsClient.connect(`ws://${address}/work`);
    const closing = close();
    await idle.closed;
    const refusal = await exchange(address, handshake(address, { path: '/work' }));
    finish('done');

    expect(refusal).toMatch(/^HTTP\/1\.1 503 [^]*\r\nRetry-After: 1\r\n/i);
    expect(await client.next()).toBe('done');
    expect(await client.closed).toMatchObject({ code: 1012 });
    await closing;
  });

  it('waits neither for streams nor for the handlers of a client that has left', async () => {
    const { close } = await startWith({});
    const watching = await clientWith('watch');
    const left = await clientWith('slow');
    await left.close();
    await close();

    expect(await watching.closed).toMatchObject({ code: 1012 });
    expect(tornDown).toHaveBeenCalledTimes(1);
  });

  it('says what it waits for, and for a handler that never ends not longer than half of its time', async () => {
    await startWith({ shutdownMs: 300 });
    const client = await clientWith('slow');
    const lines = await linesOfClosing();

    expect(lines.slice(0, 2)).toEqual([
      'shutting down: telling 1 clients within 5 ms, some after their requests: "slow" (1)',
      'not waiting any longer than 150 ms for requests: "slow" (1)',
    ]);
    expect(await client.closed).toMatchObject({ code: 1012 });
  });
});

describe('the end of a shutdown of NestwireAdapter', () => {
  it('drops clients that do not answer', async () => {
    const { address } = await start(false, { shutdownMs: 300, closeTimeoutMs: Infinity });
    const socket = await connectRaw(address);
    socket.write(handshake(address, { path: '/work' }));
    await once(socket, 'data');
    socket.pause();

    expect(await linesOfClosing()).toContain('the shutdown is not over after 300 ms: dropping who is left');
    socket.destroy();
  });

  it('tells clients of both kinds of gateways in one spread', async () => {
    const { address } = await start({});
    for (const path of ['work', 'ours', 'ours']) await WsClient.connect(`ws://${address}/${path}`);

    expect(await linesOfClosing()).toEqual(['shutting down: telling 3 clients within 15 ms']);
  });

  it('is at a time that is a positive number', () => {
    expect(() => new NestwireAdapter({}, { shutdownMs: 0 })).toThrow('limit "shutdownMs" must be a positive');
  });
});
