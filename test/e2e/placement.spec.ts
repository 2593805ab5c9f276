import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  type INestApplication,
  type OnModuleInit,
  Param,
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
  SseEndpoint,
  Subscribe,
} from 'nestwire';
import { NEVER, type Observable, concat, of } from 'rxjs';
import { WebSocket } from 'ws';
import { EventStream } from '../support/event-stream.js';
import { freePort } from '../support/free-port.js';
import { HttpGatewayClient, messagesOf } from '../support/http-gateway-client.js';
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

  @SseEndpoint('lines')
  lines(): Observable<string> {
    return of('a line');
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

  @SseEndpoint('alarms')
  alarms(@Param('room') room: string): Observable<string> {
    return concat(of(`alarm in ${room}`), NEVER);
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

  @SseEndpoint('lines')
  lines(): Observable<string> {
    return of('a line inside');
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

/** Asks by plain HTTP, as a client that never had a WebSocket. */
async function whereByPolls(url: string): Promise<unknown> {
  const client = new HttpGatewayClient(url);
  await client.create();
  const ack = (await client.poll()).body!['batch'] as number;
  await client.post(1, [{ event: 'where', id: 1 }]);
  const [{ data } = { data: undefined }] = messagesOf(await client.poll(ack, 5));
  await client.request('DELETE', {});
  return data;
}

async function firstOf(url: string): Promise<unknown> {
  const stream = await EventStream.open(url);
  const event = stream.status === 200 ? await stream.next() : undefined;
  stream.close();
  return event?.data ?? stream.status;
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

  it('is reached there over plain HTTP too, and is not taken for the one of its path elsewhere', async () => {
    const { address } = await start(platform, { module, prepare });
    const inside = `http://127.0.0.1:${ownPort}`;

    expect(await whereByPolls(`${inside}/inside/blue?key=right`)).toEqual([
      'inside',
      'blue',
      'from middleware',
    ]);
    expect(await whereByPolls(`${inside}/chat`)).toBe('chat inside');
    expect(await whereByPolls(`http://${address}/chat`)).toBe('chat');
    const wrongKey = new HttpGatewayClient(`${inside}/inside/blue?key=wrong`);
    expect(await wrongKey.create()).toMatchObject({ status: 401 });
    const elsewhere = new HttpGatewayClient(`http://${address}/inside/blue?key=right`);
    expect(await elsewhere.create()).toMatchObject({ status: 404 });
  });

  it('has its event streams there, and nowhere else', async () => {
    const { address } = await start(platform, { module });
    const inside = `http://127.0.0.1:${ownPort}`;

    expect(await firstOf(`${inside}/chat/lines`)).toBe('a line inside');
    expect(await firstOf(`http://${address}/chat/lines`)).toBe('a line');
    expect(await firstOf(`http://${address}/inside/blue/alarms`)).toBe(404);
  });

  it('lets pages of other origins ask what they may, by the rules of the application', async () => {
    const cors = (app: INestApplication): void => app.enableCors({ origin: 'https://page.example' });
    await start(platform, { module, prepare: cors });
    const ask = (path: string, headers: string): Promise<Response> =>
      fetch(`http://127.0.0.1:${ownPort}${path}`, {
        method: 'OPTIONS',
        headers: {
          Origin: 'https://page.example',
          'Access-Control-Request-Method': 'GET',
          'Access-Control-Request-Headers': headers,
        },
      });

    for (const [path, headers] of [
      ['/chat', 'content-type, nestwire-session'],
      ['/chat/lines', 'authorization'],
    ] as const) {
      const answer = await ask(path, headers);
      expect(answer.headers.get('access-control-allow-origin')).toBe('https://page.example');
    }
    expect((await ask('/pages', 'authorization')).status).toBe(426);
  });

  it('lets those that are there over plain HTTP go when the application closes', async () => {
    const { close } = await start(platform, { module });
    const client = new HttpGatewayClient(`http://127.0.0.1:${ownPort}/inside/blue?key=right`);
    await client.create();
    const ack = (await client.poll()).body!['batch'] as number;
    const polled = client.poll(ack, 30);
    const alarms = await EventStream.open(`http://127.0.0.1:${ownPort}/inside/blue/alarms?key=right`);
    const silent = connect(ownPort, '127.0.0.1');
    await once(silent, 'connect');
    const gone = once(silent, 'close');
    await close();

    expect(messagesOf(await polled)).toMatchObject([{ event: 'nestwire:close', data: { code: 1012 } }]);
    expect(await alarms.rest()).toHaveLength(1);
    expect(log).toEqual(['initialised', 'disconnected']);
    await gone;
  });

  it('shows nothing of the application but gateways', async () => {
    const { address } = await start(platform, { module });

    expect((await fetch(`http://${address}/pages`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${ownPort}/pages`)).status).toBe(426);
    expect((await fetch(`http://127.0.0.1:${ownPort}/chat`)).status).toBe(426);
    const asSession = { 'Nestwire-Session': 'new', Accept: 'application/json' };
    expect((await fetch(`http://127.0.0.1:${ownPort}/pages`, { headers: asSession })).status).toBe(426);
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

@Gateway('/')
class RootGateway {
  @Subscribe('where')
  where(): string {
    return 'root';
  }
}

it.each<Platform>(['Express', 'Fastify'])(
  'a gateway without a path has that of the prefix, on %s',
  async (platform) => {
    const { address } = await start(platform, {
      module: { providers: [RootGateway] },
      prepare: (app) => app.setGlobalPrefix('api'),
    });

    for (const path of ['/api', '/api/']) {
      expect(await where(`ws://${address}${path}`)).toBe('root');
      expect(await whereByPolls(`http://${address}${path}`)).toBe('root');
    }
  },
);

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
    expect(await (await fetch(`http://${url}/chat`)).text()).toBe('its own');
    expect(await whereByPolls(`http://${url}/chat`)).toBe('chat');
    expect(await firstOf(`http://${url}/chat/lines`)).toBe('a line');
    const client = await WsClient.connect(`ws://${url}/chat`);
    await close();
    expect(await client.closed).toMatchObject({ code: 1012 });
    expect(other.listening).toBe(true);
    expect(other.listenerCount('upgrade')).toBe(0);
    expect(await (await fetch(`http://${url}/chat/lines`)).text()).toBe('its own');
    expect(Object.hasOwn(other, 'emit')).toBe(false);
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

@Gateway({ path: '/feeds', version: '1' })
class FeedsGateway {
  @SseEndpoint('latest')
  latest(): Observable<string> {
    return of('the first version');
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

  it('are in the paths of their event streams', async () => {
    const { address } = await start(platform, {
      module: { providers: [FeedsGateway] },
      prepare: enable({}, 'api'),
    });

    expect(await firstOf(`http://${address}/api/v1/feeds/latest`)).toBe('the first version');
    expect(await firstOf(`http://${address}/api/feeds/latest`)).toBe(404);
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
