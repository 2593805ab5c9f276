import { once } from 'node:events';
import { type Socket, connect as connectTcp } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  type ArgumentsHost,
  BadRequestException,
  type CanActivate,
  Catch,
  ConflictException,
  type ExceptionFilter,
  type ExecutionContext,
  HttpException,
  Injectable,
  ParseIntPipe,
  Query,
  UnauthorizedException,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import {
  CloseReason,
  type CloseDetails,
  CurrentSession,
  Gateway,
  type GatewaySession,
  OnConnect,
  OnDisconnect,
  Subscribe,
} from 'nestwire';
import { type Platform, type TestApp, type TestAppOptions, startApp } from '../support/test-app.js';
import { RefusedHandshake, WsClient } from '../support/ws-client.js';

interface Seen {
  readonly type: string;
  readonly handler: string;
  readonly class: string;
  readonly hasHeaders: boolean;
  readonly pattern: string;
}

const seen: Seen[] = [];

@Injectable()
class Recorder {
  record(context: ExecutionContext): void {
    const request = context.switchToHttp().getRequest<GatewaySession>();
    seen.push({
      type: context.getType(),
      handler: context.getHandler().name,
      class: context.getClass().name,
      hasHeaders: typeof request.headers.host === 'string' && request === context.switchToWs().getClient(),
      pattern: context.switchToWs().getPattern(),
    });
  }
}

@Injectable()
class TokenGuard implements CanActivate {
  constructor(private readonly recorder: Recorder) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    this.recorder.record(context);
    const session = context.switchToWs().getClient<GatewaySession>();
    const { token } = session.query;
    await Promise.resolve();
    if (token === undefined) throw new UnauthorizedException({ message: 'who are you?', realm: 'test' });
    session.user = { name: token };
    return token !== 'banned';
  }
}

@Catch(ConflictException)
class ConflictFilter implements ExceptionFilter {
  catch(exception: ConflictException, host: ArgumentsHost): object {
    const session = host.switchToWs().getClient<GatewaySession>();
    return { statusCode: 409, reason: exception.message, url: session.url };
  }
}

/** Filters that swallow must not let anybody in. */
@Catch()
class SwallowingFilter implements ExceptionFilter {
  async catch(): Promise<string> {
    return Promise.resolve('all is well');
  }
}

let gate: Promise<unknown> = Promise.resolve();
const log: string[] = [];

@Gateway('/guarded')
@UseGuards(TokenGuard)
class GuardedGateway {
  @OnConnect()
  @UseFilters(ConflictFilter)
  async connect(
    @CurrentSession() session: GatewaySession,
    @Query('n', new ParseIntPipe({ optional: true })) n?: number,
  ): Promise<void> {
    const { name } = session.user as { name: string };
    log.push(`entered ${name}`);
    session.push('hello', { name, n });
    if (name === 'twin') throw new ConflictException('one of you is enough');
    if (name === 'crash') throw new Error('secret');
    if (name === 'leaver') session.close(4000, 'changed my mind');
    await gate;
  }

  @OnDisconnect()
  disconnect(@CurrentSession() session: GatewaySession, @CloseReason() { code }: CloseDetails): void {
    log.push(`left ${(session.user as { name: string }).name} ${code}`);
  }

  @Subscribe('who')
  who(@CurrentSession() session: GatewaySession): unknown {
    return session.user;
  }
}

@Gateway('/swallowed')
@UseFilters(SwallowingFilter)
class SwallowingGateway {
  @OnConnect()
  connect(): void {
    throw new BadRequestException('no');
  }
}

@Gateway('/open')
@UseGuards(TokenGuard)
class MethodlessGateway {}

const module = {
  providers: [GuardedGateway, SwallowingGateway, MethodlessGateway, TokenGuard, Recorder],
};

describe.each<Platform>(['Express', 'Fastify'])('connecting to a gateway on %s', (platform) => {
  let running: TestApp | undefined;

  afterEach(async () => {
    await running?.close();
    seen.length = 0;
    log.length = 0;
    gate = Promise.resolve();
  });

  async function start(options: Partial<TestAppOptions> = {}): Promise<string> {
    running = await startApp({ platform, module, ...options });
    return `ws://${running.address}`;
  }

  async function refusal(url: string, protocols?: string[]): Promise<RefusedHandshake> {
    const refused = await WsClient.connect(url, protocols).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(refused).toBeInstanceOf(RefusedHandshake);
    return refused as RefusedHandshake;
  }

  const json = ({ status, body }: RefusedHandshake): unknown => [status, JSON.parse(body)];

  it('is allowed by guards, which find the session, with what they set', async () => {
    const url = await start();
    const client = await WsClient.connect(`${url}/guarded?token=ann&n=7`);

    expect(await client.next()).toEqual({ event: 'hello', data: { name: 'ann', n: 7 } });
    expect(await client.request('who')).toMatchObject({ data: { name: 'ann' } });
    expect(seen[0]).toEqual({
      type: 'ws',
      handler: 'connect',
      class: 'GuardedGateway',
      hasHeaders: true,
      pattern: 'nestwire:connect',
    });
    expect(seen[1]).toMatchObject({ type: 'ws', handler: 'who', pattern: 'who' });
    await client.close();
  });

  it('is refused by the status and the body of the exception', async () => {
    const url = await start();

    expect(json(await refusal(`${url}/guarded`))).toEqual([401, { message: 'who are you?', realm: 'test' }]);
    expect(log).toEqual([]);
  });

  it('is refused with 403 by a guard that says no, 400 by a pipe, 500 by what nobody expected', async () => {
    const url = await start();

    expect(json(await refusal(`${url}/guarded?token=banned`))).toMatchObject([
      403,
      { message: 'Forbidden resource' },
    ]);
    expect(json(await refusal(`${url}/guarded?token=ann&n=x`))).toMatchObject([400, { statusCode: 400 }]);
    expect(json(await refusal(`${url}/guarded?token=crash`))).toEqual([
      500,
      { statusCode: 500, message: 'Internal server error' },
    ]);
  });

  it('is refused as a filter says, and stays refused when the filter swallows', async () => {
    const url = await start();

    expect(json(await refusal(`${url}/guarded?token=twin`))).toEqual([
      409,
      { statusCode: 409, reason: 'one of you is enough', url: '/guarded?token=twin' },
    ]);
    expect(json(await refusal(`${url}/swallowed`))).toMatchObject([400, { message: 'no' }]);
    expect(log).toEqual(['entered twin']);
  });

  it('asks the guards of the class also when no method is there', async () => {
    const url = await start();
    expect((await refusal(`${url}/open`)).status).toBe(401);

    const client = await WsClient.connect(`${url}/open?token=ann`);
    await client.close();
  });

  it('asks global guards too', async () => {
    class NobodyGuard implements CanActivate {
      canActivate(): boolean {
        throw new HttpException('nobody', 418);
      }
    }
    const url = await start({
      module: { ...module, providers: [...module.providers, { provide: APP_GUARD, useClass: NobodyGuard }] },
    });

    expect((await refusal(`${url}/guarded?token=ann`)).status).toBe(418);
  });

  it('closes with the code that @OnConnect gave, after what it pushed', async () => {
    const url = await start();
    const client = await WsClient.connect(`${url}/guarded?token=leaver`);

    expect(await client.next()).toMatchObject({ event: 'hello' });
    expect(await client.closed).toEqual({ code: 4000, reason: 'changed my mind' });
  });

  it('dispatches nothing before @OnConnect has finished', async () => {
    let open: (value?: unknown) => void = () => undefined;
    gate = new Promise((resolve) => (open = resolve));
    const url = await start();
    const socket = await sendHandshake(url, '/guarded?token=ann', textFrame('{"event":"who"}'));
    await until(() => log.length > 0);
    expect(seen.map(({ handler }) => handler)).toEqual(['connect']);

    open();
    let received = '';
    for await (const chunk of socket) {
      received += (chunk as Buffer).toString('latin1');
      if (received.includes('"who"')) break;
    }
    expect(received).toMatch(/^HTTP\/1\.1 101 [\s\S]*"hello"[\s\S]*"who"/);
    socket.destroy();
  });

  it('is given up with 503 when the guards take too long', async () => {
    gate = new Promise(() => undefined);
    const url = await start({ nestwire: { limits: { handshakeMs: 50 } } });

    expect(json(await refusal(`${url}/guarded?token=slow`))).toMatchObject([503, { statusCode: 503 }]);
  });

  it('is over when the peer leaves meanwhile: who had let it in is told, and nothing is left', async () => {
    let open: (value?: unknown) => void = () => undefined;
    gate = new Promise((resolve) => (open = resolve));
    const url = await start();
    const socket = await sendHandshake(url, '/guarded?token=ghost');
    await until(() => log.length > 0);
    socket.resetAndDestroy();
    await until(async () => (await connections()) === 0);
    expect(log).toEqual(['entered ghost']);

    open();
    await until(() => log.length > 1);
    expect(log).toEqual(['entered ghost', 'left ghost 1006']);
  });

  it('is over with 503 when the application shuts down meanwhile', async () => {
    gate = new Promise(() => undefined);
    const url = await start();
    const refused = refusal(`${url}/guarded?token=late`);
    await until(() => log.length > 0);
    const closed = running!.close();

    expect((await refused).status).toBe(503);
    await closed;
  });

  function connections(): Promise<number> {
    return new Promise((resolve, reject) =>
      running!.server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
    );
  }
});

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await turn();
}

/** A handshake by hand, and what follows it in the same packet. */
async function sendHandshake(url: string, path: string, more: Buffer = Buffer.alloc(0)): Promise<Socket> {
  const { host, hostname, port } = new URL(url);
  const socket = connectTcp(Number(port), hostname);
  await once(socket, 'connect');
  const head =
    `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    `Sec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}\r\nSec-WebSocket-Version: 13\r\n\r\n`;
  socket.write(Buffer.concat([Buffer.from(head), more]));
  return socket;
}

/** A masked text frame whose mask is zero. */
function textFrame(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}
