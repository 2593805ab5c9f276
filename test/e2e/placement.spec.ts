import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  type INestApplication,
  type OnModuleInit,
  UnauthorizedException,
  UseGuards,
  VERSION_NEUTRAL,
  VersioningType,
} from '@nestjs/common';
import {
  CurrentSession,
  Gateway,
  type GatewaySession,
  InvalidGatewayError,
  OnDisconnect,
  Subscribe,
} from 'nestwire';
import { WebSocket } from 'ws';
import { freePort } from '../support/free-port.js';
import { type Platform, type TestApp, type TestAppOptions, startApp } from '../support/test-app.js';
import { WsClient } from '../support/ws-client.js';

const log: string[] = [];
let ownPort = 0;

class KeyGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { query } = context.switchToWs().getClient<GatewaySession>();
    if (query['key'] !== 'right') throw new UnauthorizedException('the key is wrong');
    return true;
  }
}

@Gateway('/chat')
class ChatGateway {
  @Subscribe('where')
  where(): string {
    return 'chat';
  }
}

@Gateway({ path: '/inside/:room', port: () => ownPort })
@UseGuards(KeyGuard)
class InsideGateway implements OnModuleInit {
  async onModuleInit(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    log.push('initialised');
  }

  @Subscribe('where')
  where(@CurrentSession() session: GatewaySession): unknown {
    return ['inside', session.params['room'], session.user];
  }

  @OnDisconnect()
  disconnect(): void {
    log.push('disconnected');
  }
}

@Gateway({ path: '/chat', port: () => ownPort })
class InsideChatGateway {
  @Subscribe('where')
  where(): string {
    return 'chat inside';
  }
}

@Controller('pages')
class PagesController {
  @Get()
  page(): string {
    return 'a page';
  }
}

let running: TestApp | undefined;

beforeEach(() => {
  log.length = 0;
});
afterEach(async () => {
  await running?.close();
  running = undefined;
});

async function start(platform: Platform, options: TestAppOptions): Promise<TestApp> {
  running = await startApp({ platform, ...options });
  return running;
}

async function where(url: string): Promise<unknown> {
  const client = await WsClient.connect(url);
  const { data } = await client.request('where');
  await client.close();
  return data;
}

const refusal = (url: string): Promise<unknown> => WsClient.connect(url).catch((error: unknown) => error);

describe.each<Platform>(['Express', 'Fastify'])('a gateway with a port of its own, on %s', (platform) => {
  const module = {
    providers: [ChatGateway, InsideGateway, InsideChatGateway],
    controllers: [PagesController],
  };
  const prepare = (app: INestApplication): unknown =>
    app.use((request: { user?: string }, _response: unknown, next: () => void) => {
      request.user = 'from middleware';
      next();
    });

  beforeEach(async () => {
    ownPort = await freePort();
  });

  it('is reached there, through middleware and guards, and nowhere else', async () => {
    const { address } = await start(platform, { module, prepare });
    const inside = `ws://127.0.0.1:${ownPort}`;

    expect(await where(`${inside}/inside/blue?key=right`)).toEqual(['inside', 'blue', 'from middleware']);
    expect(await where(`${inside}/chat`)).toBe('chat inside');
    expect(await where(`ws://${address}/chat`)).toBe('chat');
    expect(await refusal(`${inside}/inside/blue`)).toMatchObject({ status: 401 });
    expect(await refusal(`ws://${address}/inside/blue?key=right`)).toMatchObject({ status: 404 });
    expect(await refusal(`${inside}/elsewhere`)).toMatchObject({ status: 404 });
  });

  it('shows nothing of the application but gateways', async () => {
    const { address } = await start(platform, { module });

    expect((await fetch(`http://${address}/pages`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${ownPort}/pages`)).status).toBe(426);
    const upgrade = { connection: 'upgrade', upgrade: 'h2c' };
    const { status } = await fetchRaw(ownPort, '/pages', upgrade);
    expect(status).toBe(426);
  });

  it('listens when everything is initialised, and no longer when the application is closed', async () => {
    const { close } = await start(platform, { module });
    expect(log).toEqual(['initialised']);
    const client = await WsClient.connect(`ws://127.0.0.1:${ownPort}/inside/blue?key=right`);
    await close();

    expect(await client.closed).toMatchObject({ code: 1012 });
    expect(log).toEqual(['initialised', 'disconnected']);
    expect(await refusal(`ws://127.0.0.1:${ownPort}/chat`)).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('keeps the application from starting when the port is taken', async () => {
    const taken = createServer().listen(ownPort);
    await once(taken, 'listening');

    const port = await freePort();

    @Gateway({ path: '/first', port })
    class FirstGateway {}
    const providers = [FirstGateway, ...module.providers];

    await expect(startApp({ platform, module: { providers } })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(await refusal(`ws://127.0.0.1:${port}/first`)).toMatchObject({ code: 'ECONNREFUSED' });
    taken.close();
  });
});

async function fetchRaw(
  port: number,
  path: string,
  headers: Record<string, string>,
): Promise<{ status: number }> {
  const { request } = await import('node:http');
  const sent = request({ port, path, headers }).end();
  const [response] = (await once(sent, 'response')) as [{ statusCode: number; resume(): void }];
  response.resume();
  return { status: response.statusCode };
}

describe.each<Platform>(['Express', 'Fastify'])('further servers, on %s', (platform) => {
  const servers: Server[] = [];

  async function listening<S extends Server>(server: S): Promise<S> {
    servers.push(server.listen(0, '127.0.0.1'));
    await once(server, 'listening');
    return server;
  }

  const portOf = (server: Server): number => (server.address() as AddressInfo).port;

  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  it('have the gateways of the application beside what they serve themselves', async () => {
    const other = await listening(createServer((_request, response) => response.end('its own')));
    const { address, close } = await start(platform, {
      module: { providers: [ChatGateway], controllers: [PagesController] },
      nestwire: { servers: [other] },
    });
    const url = `127.0.0.1:${portOf(other)}`;

    expect(await where(`ws://${url}/chat`)).toBe('chat');
    expect(await where(`ws://${address}/chat`)).toBe('chat');
    expect(await (await fetch(`http://${url}/pages`)).text()).toBe('its own');
    const client = await WsClient.connect(`ws://${url}/chat`);
    await close();
    expect(await client.closed).toMatchObject({ code: 1012 });
    expect(other.listening).toBe(true);
    expect(other.listenerCount('upgrade')).toBe(0);
  });

  it('may be secure', async () => {
    // a key that both know spares the test a certificate
    const psk = Buffer.alloc(32, 7);
    const tls = { ciphers: 'PSK', maxVersion: 'TLSv1.2' as const };
    const secure = await listening(createSecureServer({ ...tls, pskCallback: () => psk }));
    await start(platform, { module: { providers: [ChatGateway] }, nestwire: { servers: [secure] } });
    const socket = new WebSocket(`wss://127.0.0.1:${portOf(secure)}/chat`, {
      ...tls,
      pskCallback: () => ({ psk, identity: 'test' }),
      checkServerIdentity: () => undefined,
    } as object);
    await once(socket, 'open');
    socket.send(JSON.stringify({ event: 'where', id: 1 }));
    const [message] = (await once(socket, 'message')) as [Buffer];

    expect(JSON.parse(message.toString())).toMatchObject({ data: 'chat' });
    socket.close();
    await once(socket, 'close');
  });
});

@Gateway({ path: '/news', version: '1' })
class FirstNews {
  @Subscribe('where')
  where(): string {
    return 'first';
  }
}

@Gateway({ path: '/news', version: ['2', '3'] })
class LaterNews {
  @Subscribe('where')
  where(): string {
    return 'later';
  }
}

@Gateway({ path: '/news', version: ['3', VERSION_NEUTRAL] })
class MoreNews {
  @Subscribe('more')
  more(): string {
    return 'more';
  }
}

@Gateway({ path: '/files/*path', version: '1' })
class FilesGateway {
  @Subscribe('where')
  where(@CurrentSession() session: GatewaySession): unknown {
    return session.params['path'];
  }
}

describe.each<Platform>(['Express', 'Fastify'])('versions of gateways, on %s', (platform) => {
  const providers = [FirstNews, LaterNews, MoreNews, FilesGateway, ChatGateway];
  const enable =
    (options: object = {}, globalPrefix?: string) =>
    (app: INestApplication): void => {
      app.enableVersioning({ type: VersioningType.URI, ...options });
      if (globalPrefix) app.setGlobalPrefix(globalPrefix);
    };

  it('are in the path, as those of controllers', async () => {
    const { address } = await start(platform, { module: { providers }, prepare: enable() });
    const url = `ws://${address}`;

    expect(await where(`${url}/v1/news`)).toBe('first');
    expect(await where(`${url}/v2/news`)).toBe('later');
    expect(await where(`${url}/v1/files/a/b`)).toBe('a/b');
    expect(await where(`${url}/chat`)).toBe('chat');
    expect(await refusal(`${url}/v1/chat`)).toMatchObject({ status: 404 });
    expect(await refusal(`${url}/v4/news`)).toMatchObject({ status: 404 });
  });

  it('may be several, each with all gateways that have it', async () => {
    const { address } = await start(platform, { module: { providers }, prepare: enable() });
    const both = await WsClient.connect(`ws://${address}/v3/news`);
    expect(await both.request('where')).toMatchObject({ data: 'later' });
    expect(await both.request('more')).toMatchObject({ data: 'more' });
    const neutral = await WsClient.connect(`ws://${address}/news`);

    expect(await neutral.request('more')).toMatchObject({ data: 'more' });
    expect(await neutral.request('where')).toMatchObject({ data: { code: 'UNKNOWN_EVENT' } });
  });

  it('stand behind the global prefix, and have the prefix that the application chose', async () => {
    const prepare = enable({ prefix: 'version-', defaultVersion: '9' }, 'api');
    const { address } = await start(platform, { module: { providers }, prepare });

    expect(await where(`ws://${address}/api/version-1/news`)).toBe('first');
    expect(await where(`ws://${address}/api/version-9/chat`)).toBe('chat');
    expect(await refusal(`ws://${address}/version-1/news`)).toMatchObject({ status: 404 });
    expect(await refusal(`ws://${address}/api/chat`)).toMatchObject({ status: 404 });
  });

  it('are an error where the application has none in its paths', async () => {
    const module = { providers: [FirstNews] };
    const byHeader = (app: INestApplication): unknown =>
      app.enableVersioning({ type: VersioningType.HEADER, header: 'x-version' });

    await expect(startApp({ platform, module })).rejects.toThrow(InvalidGatewayError);
    await expect(startApp({ platform, module, prepare: byHeader })).rejects.toThrow(
      'FirstNews has a version',
    );
  });
});
