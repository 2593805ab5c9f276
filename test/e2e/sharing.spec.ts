import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  Controller,
  Get,
  type INestApplication,
  Injectable,
  type MiddlewareConsumer,
  Module,
  type NestMiddleware,
  type NestModule,
  RequestMethod,
} from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { WebSocketServer } from 'ws';
import { CurrentSession, Gateway, type GatewaySession, OnConnect, Subscribe, defineProtocol } from 'nestwire';
import { exchange, handshake } from '../support/raw-http.js';
import { type Platform, type TestApp, type TestAppOptions, startApp } from '../support/test-app.js';
import { WsClient } from '../support/ws-client.js';

@Gateway('/chat')
class ChatGateway {
  @Subscribe('where')
  where(@CurrentSession() session: GatewaySession): string {
    return `chat ${session.url}`;
  }

  @Subscribe('user')
  user(@CurrentSession() session: GatewaySession): unknown {
    return session.user;
  }
}

@Gateway('/chat/:room')
class RoomGateway {
  @Subscribe('where')
  where(@CurrentSession() session: GatewaySession): string {
    return `room ${session.params['room']!}`;
  }
}

@Gateway('/chat/*rest')
class RestGateway {
  @Subscribe('where')
  where(@CurrentSession() session: GatewaySession): string {
    return `rest ${session.params['rest']!}`;
  }
}

@Gateway('/chat')
class SecondChatGateway {
  @OnConnect()
  connect(@CurrentSession() session: GatewaySession): void {
    session.push('second', 1);
  }

  @Subscribe('more')
  more(): string {
    return 'more';
  }
}

@Controller()
class PagesController {
  @Get('chat')
  chat(): string {
    return 'a page';
  }

  @Get('other')
  other(): string {
    return 'another page';
  }
}

@Injectable()
class UserMiddleware implements NestMiddleware {
  use(request: IncomingMessage & { user?: string }, _response: unknown, next: () => void): void {
    request.user = 'from middleware';
    next();
  }
}

@Module({ providers: [ChatGateway, RoomGateway, RestGateway], controllers: [PagesController] })
class ChatModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(UserMiddleware).forRoutes({ path: '*path', method: RequestMethod.ALL });
  }
}

@WebSocketGateway({ path: '/stock' })
class StockGateway {
  @SubscribeMessage('ask')
  ask(): object {
    return { event: 'answer', data: 'stock' };
  }
}

describe.each<Platform>(['Express', 'Fastify'])('a gateway on the HTTP server of %s', (platform) => {
  let running: TestApp | undefined;

  afterEach(async () => {
    await running?.close();
    running = undefined;
  });

  async function start(options: Partial<TestAppOptions> = {}): Promise<TestApp> {
    running = await startApp({ platform, module: { imports: [ChatModule] }, ...options });
    return running;
  }

  async function where(url: string): Promise<unknown> {
    const client = await WsClient.connect(url);
    const { data } = await client.request('where');
    await client.close();
    return data;
  }

  const status = async (address: string, path: string, headers = {}): Promise<number> =>
    Number((await exchange(address, handshake(address, { path, headers }))).slice(9, 12));

  it('leaves requests on its path to the routes that are there', async () => {
    const { address } = await start();

    expect(await (await fetch(`http://${address}/chat`)).text()).toBe('a page');
    expect((await fetch(`http://${address}/chat`, { method: 'POST' })).status).toBe(404);
    expect(await (await fetch(`http://${address}/other`)).text()).toBe('another page');
  });

  it('answers on the most special path that fits', async () => {
    const { address } = await start();

    expect(await where(`ws://${address}/chat?x=1`)).toBe('chat /chat?x=1');
    expect(await where(`ws://${address}/chat/blue`)).toBe('room blue');
    expect(await where(`ws://${address}/chat/blue/sky`)).toBe('rest blue/sky');
  });

  it('serves what middleware of the application let through, with what it set', async () => {
    const { address } = await start();
    const client = await WsClient.connect(`ws://${address}/chat`);

    expect(await client.request('user')).toMatchObject({ data: 'from middleware' });
    await client.close();
  });

  it('shares its path with another gateway', async () => {
    const { address } = await start({
      module: { imports: [ChatModule], providers: [SecondChatGateway] },
    });
    const client = await WsClient.connect(`ws://${address}/chat`);

    expect(await client.next()).toEqual({ event: 'second', data: 1 });
    expect(await client.request('where')).toMatchObject({ data: 'chat /chat' });
    expect(await client.request('more')).toMatchObject({ data: 'more' });
    await client.close();
  });

  it('stands behind the global prefix', async () => {
    const prepare = (app: INestApplication): unknown => app.setGlobalPrefix('api');
    const { address } = await start({ prepare });

    expect(await where(`ws://${address}/api/chat/blue`)).toBe('room blue');
    expect(await status(address, '/chat')).toBe(404);
    expect(await status(address, '/apis/chat')).toBe(404);
  });

  it('stands outside of the global prefix when it is excluded', async () => {
    const prepare = (app: INestApplication): unknown => app.setGlobalPrefix('api', { exclude: ['chat'] });
    const { address } = await start({ prepare });

    expect(await where(`ws://${address}/chat`)).toBe('chat /chat');
  });

  it('has the headers of CORS on a refusal', async () => {
    const { address } = await start({
      prepare: (app) => app.enableCors({ origin: 'https://page.example' }),
      nestwire: { origin: 'any' },
      module: {
        providers: [RefusingGateway],
      },
    });
    const answer = await exchange(
      address,
      handshake(address, { path: '/no', headers: { Origin: 'https://page.example' } }),
    );

    expect(answer).toMatch(/^HTTP\/1\.1 500 /);
    expect(answer).toMatch(/access-control-allow-origin: https:\/\/page\.example/i);
    expect(answer).toMatch(/connection: close/i);
  });

  it('answers 404 on other paths as long as nobody else listens', async () => {
    const { address } = await start();

    expect(await status(address, '/elsewhere')).toBe(404);
    expect(await status(address, '/chatter')).toBe(404);
  });

  it('leaves offers of other protocols what they are: plain requests', async () => {
    const { address } = await start();
    const headers = { Upgrade: 'h2c', 'HTTP2-Settings': 'AAMAAABk', 'Sec-WebSocket-Key': undefined };
    const answer = await exchange(address, handshake(address, { path: '/other', headers }));

    expect(answer).toMatch(/^HTTP\/1\.1 200 [\s\S]*another page$/);
  });

  it('works beside a foreign upgrade listener, whichever was first', async () => {
    const foreign = new WebSocketServer({ noServer: true });
    const listen = (server: Server): unknown =>
      server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
        if (request.url !== '/foreign') return;
        foreign.handleUpgrade(request, socket, head, (client) => client.send('{"event":"foreign"}'));
      });
    const { address } = await start({ prepare: (app) => listen(app.getHttpServer() as Server) });
    const client = await WsClient.connect(`ws://${address}/foreign`);

    expect(await client.next()).toEqual({ event: 'foreign' });
    expect(await where(`ws://${address}/chat`)).toBe('chat /chat');
    await client.close();
    foreign.close();
  });

  it("works beside Nest's own adapter and its gateways", async () => {
    const { address } = await start({
      module: { imports: [ChatModule], providers: [StockGateway] },
      prepare: (app) => app.useWebSocketAdapter(new WsAdapter(app)),
    });
    const client = await WsClient.connect(`ws://${address}/stock`);
    client.send({ event: 'ask' });

    expect(await client.next()).toEqual({ event: 'answer', data: 'stock' });
    expect(await where(`ws://${address}/chat`)).toBe('chat /chat');
    await client.close();
  });

  it('closes what nobody took, when others listen', async () => {
    const prepare = (app: INestApplication): void => {
      (app.getHttpServer() as Server).on('upgrade', () => undefined);
    };
    const { address } = await start({ prepare, nestwire: { limits: { handshakeMs: 50 } } });

    expect(await exchange(address, handshake(address, { path: '/elsewhere' }))).toBe('');
  });

  it('leaves the server as it was when it is closed', async () => {
    const { server } = await start();
    expect(Object.hasOwn(server, 'emit')).toBe(true);
    const closed = once(server, 'close');
    await running!.close();
    running = undefined;
    await closed;

    expect(Object.hasOwn(server, 'emit')).toBe(false);
    expect(server.listenerCount('upgrade')).toBe(0);
  });
});

@Gateway('/no')
class RefusingGateway {
  @OnConnect()
  connect(): void {
    throw new Error('no');
  }
}

const V1 = defineProtocol('chat.v1', { client: { version: {} } });
const V2 = defineProtocol('chat.v2', { client: { version: {} } });

@Gateway({ path: '/versions', protocols: [V2, V1] })
class VersionsGateway {
  @Subscribe(V1, 'version')
  one(_payload: undefined, session: GatewaySession): void {
    session.push('is', 1);
  }

  @Subscribe(V2, 'version')
  two(_payload: undefined, session: GatewaySession): void {
    session.push('is', 2);
  }
}

@Gateway({ path: '/required', protocol: V1, requireProtocol: true })
class RequiringGateway {}

describe('the subprotocol of a gateway', () => {
  let running: TestApp;

  afterEach(() => running.close());

  it.each([
    [['chat.v1'], 'chat.v1', 1],
    [['chat.v2'], 'chat.v2', 2],
    [['other', 'chat.v1', 'chat.v2'], 'chat.v1', 1],
    [['bearer.c2VjcmV0', 'chat.v1'], 'chat.v1', 1],
    [[], '', 2],
  ])('offered %j, is "%s"', async (offered, selected, version) => {
    running = await startApp({ module: { providers: [VersionsGateway] } });
    const client = await WsClient.connect(`ws://${running.address}/versions`, offered);
    expect(client.socket.protocol).toBe(selected);
    client.send({ event: 'version' });

    expect(await client.next()).toEqual({ event: 'is', data: version });
    await client.close();
  });

  it('is refused with 400 when none is served, or none offered where one is required', async () => {
    running = await startApp({ module: { providers: [VersionsGateway, RequiringGateway] } });
    const url = `ws://${running.address}`;

    await expect(WsClient.connect(`${url}/versions`, ['chat.v3'])).rejects.toMatchObject({ status: 400 });
    await expect(WsClient.connect(`${url}/required`)).rejects.toMatchObject({ status: 400 });
    await (await WsClient.connect(`${url}/required`, ['chat.v1'])).close();
  });
});
