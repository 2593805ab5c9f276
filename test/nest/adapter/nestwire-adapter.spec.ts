import { once } from 'node:events';
import { type IncomingMessage, type Server, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import {
  Injectable,
  Logger,
  Module,
  type ModuleMetadata,
  type OnModuleInit,
  Scope,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessageBody, SubscribeMessage, WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import { Gateway, NestwireAdapter, type NestwireAdapterOptions, Subscribe } from 'nestwire';
import type { WebSocket, WebSocketServer as CoreServer } from 'nestwire/websocket';
import { connectRaw, exchange, handshake, textFrame } from '../../support/raw-http.js';
import { type TestApp, startApp } from '../../support/test-app.js';
import { WsClient } from '../../support/ws-client.js';
import { freePort } from '../../support/free-port.js';

@WebSocketGateway({ path: '/echo' })
class EchoGateway {
  @WebSocketServer()
  readonly server!: CoreServer;

  @SubscribeMessage('echo')
  echo(@MessageBody() data: unknown): unknown {
    return data;
  }
}

/** Any of these, on a path of its own. */
function gatewayAt(path: string | undefined, name: string, port = 0): Type {
  @WebSocketGateway(port, path === undefined ? {} : { path })
  class NamedGateway {
    @SubscribeMessage('name')
    name(): string {
      return name;
    }
  }
  return NamedGateway;
}

let running: TestApp | undefined;
let adapter: NestwireAdapter | undefined;

interface Given {
  readonly gateways?: Type[];
  readonly options?: NestwireAdapterOptions;
  readonly module?: ModuleMetadata;
}

async function start({ gateways = [EchoGateway], options, module }: Given = {}): Promise<TestApp> {
  running = await startApp({
    module: { ...module, providers: [...gateways, ...(module?.providers ?? [])] },
    prepare: (app) => {
      adapter = new NestwireAdapter(app, options);
      app.useWebSocketAdapter(adapter);
    },
  });
  return running;
}

const connect = (path: string, headers?: Record<string, string>): Promise<WsClient> =>
  WsClient.connect(`ws://${running!.address}${path}`, [], headers);

/** What answers to `name` there. */
async function nameAt(url: string): Promise<unknown> {
  const client = await WsClient.connect(url);
  client.send({ event: 'name' });
  const name = await client.next();
  await client.close();
  return name;
}

afterEach(async () => {
  jest.restoreAllMocks();
  await running?.close();
  running = undefined;
});

describe('NestwireAdapter, in an application', () => {
  it('works beside the gateways of Nestwire', async () => {
    @Gateway('/ours')
    class OurGateway {
      @Subscribe('name')
      name(): string {
        return 'ours';
      }
    }
    const { address } = await start({ gateways: [gatewayAt('/stock', 'stock'), OurGateway] });

    expect(await nameAt(`ws://${address}/stock`)).toBe('stock');
    expect(await nameAt(`ws://${address}/ours`)).toEqual({ event: 'name', data: 'ours' });
    expect(await exchange(address, handshake(address, { path: '/none' }))).toMatch(/^HTTP\/1\.1 404 /);
    // an offer of another protocol is a plain request, which Nest answers
    const offer = handshake(address, { path: '/none', headers: { Upgrade: 'h2c' } });
    expect(await exchange(address, offer)).toMatch(/Cannot GET \/none/);
  });

  it('takes the most special path, and decodes parameters', async () => {
    const seen: unknown[] = [];

    @WebSocketGateway({ path: '/files/*rest' })
    class FilesGateway {
      handleConnection(_client: WebSocket, request: IncomingMessage & { params: unknown }): void {
        seen.push({ ...(request.params as object) });
      }
    }
    const { address } = await start({ gateways: [FilesGateway, gatewayAt('files/fixed', 'fixed')] });
    await (await connect('/files/a/b%20c')).close();

    expect(seen).toEqual([{ rest: 'a/b c' }]);
    expect(await nameAt(`ws://${address}/files/fixed`)).toBe('fixed');
  });

  it('has any number of gateways on one path, however it is written, and one listener for each event', async () => {
    const gateways = Array.from({ length: 12 }, (_, i) => gatewayAt(i % 2 ? 'echo' : '/echo/', `${i}`));
    const { app, address } = await start({ gateways: [...gateways, EchoGateway] });
    const client = await WsClient.connect(`ws://${address}/echo`);
    client.send({ event: 'name' });

    expect(new Set(await client.take(12)).size).toBe(12);
    const { server } = app.get(EchoGateway);
    const listeners = [...server.clients].map((socket) => [
      socket.listenerCount('message'),
      socket.listenerCount('close'),
    ]);
    expect(listeners).toEqual([[1, 1]]);
    expect(server.getMaxListeners()).toBe(0);
    await client.close();
  });

  it('leaves the HTTP server as it was when it is closed', async () => {
    const { server, close } = await start();
    await close();
    running = undefined;

    expect(server.listenerCount('upgrade')).toBe(0);
    expect(Object.hasOwn(server, 'emit')).toBe(false);
  });

  it('refuses namespaces, which are those of socket.io', async () => {
    @WebSocketGateway({ namespace: 'chat' })
    class NamespaceGateway {}

    await expect(start({ gateways: [NamespaceGateway] })).rejects.toThrow(
      /namespace \/?chat.*give each .* a path/,
    );
  });

  it('warns when it comes after the start, for then it serves nothing', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn');
    const { app } = await start();
    expect(warn).not.toHaveBeenCalled();
    new NestwireAdapter(app);

    expect(warn).toHaveBeenCalledWith(expect.stringMatching(/before app\.init\(\)/));
  });

  it('needs an HTTP server where a gateway has no port', () => {
    expect(() => new NestwireAdapter({}).create(0)).toThrow('has no HTTP server');
  });

  it('takes the HTTP server instead of the application', async () => {
    running = await startApp({
      module: { providers: [gatewayAt('/echo', 'echo')] },
      prepare: (app) => app.useWebSocketAdapter(new NestwireAdapter(app.getHttpServer() as Server)),
    });

    expect(await nameAt(`ws://${running.address}/echo`)).toBe('echo');
  });
});

describe('the options of NestwireAdapter', () => {
  it('hold for all gateways, unless the decorator says otherwise', async () => {
    @WebSocketGateway({ path: '/large', maxPayload: 2000 })
    class LargeGateway extends EchoGateway {}
    await start({ gateways: [EchoGateway, LargeGateway], options: { maxPayload: 1000 } });
    const [small, large] = [await connect('/echo'), await connect('/large')];
    for (const client of [small, large]) client.send({ event: 'echo', data: 'x'.repeat(1000) });

    expect(await small.closed).toMatchObject({ code: 1009 });
    expect(await large.next()).toBe('x'.repeat(1000));
    await large.close();
  });

  it('are checked when the application starts', async () => {
    await expect(start({ options: { maxPayload: -1 } })).rejects.toThrow(RangeError);
  });

  it('set which origins may connect; a refusal is logged with that', async () => {
    await start({ options: { origin: ['https://page.example'] } });
    const warn = jest.spyOn(Logger.prototype, 'warn');

    await expect(connect('/echo', { Origin: 'https://other.example' })).rejects.toMatchObject({
      status: 403,
    });
    expect(warn).toHaveBeenCalledWith(expect.stringMatching(/NestwireAdapter\(app, \{ origin \}\)/));
    await (await connect('/echo', { Origin: 'https://page.example' })).close();
  });

  it('set compression and subprotocols', async () => {
    await start({ options: { perMessageDeflate: true, protocols: ['chat.v1'] } });
    const answer = connectRaw(running!.address).then(async (socket) => {
      const headers = {
        'Sec-WebSocket-Protocol': 'other, chat.v1',
        'Sec-WebSocket-Extensions': 'permessage-deflate',
      };
      socket.write(handshake(running!.address, { path: '/echo', headers }));
      const [chunk] = (await once(socket, 'data')) as [Buffer];
      socket.destroy();
      return chunk.toString();
    });

    expect(await answer).toMatch(/sec-websocket-protocol: chat\.v1/i);
    expect(await answer).toMatch(/sec-websocket-extensions: permessage-deflate/i);
  });

  it.each([
    [
      'with a callback',
      (_info: unknown, answer: (ok: boolean, status: number, why: string) => void) =>
        answer(false, 402, 'pay first'),
      402,
    ],
    ['with a callback, that says yes', (_info: unknown, answer: (ok: boolean) => void) => answer(true), 101],
    ['with a promise', async () => false, 401],
  ])('have verifyClient %s', async (_, verifyClient, status) => {
    await start({ options: { verifyClient } });
    const seen = await connect('/echo').then(
      (client) => client.close().then(() => 101),
      (refused: unknown) => (refused as { status: number }).status,
    );

    expect(seen).toBe(status);
  });

  it('have a parser, whose errors are logged; it may be changed', async () => {
    const error = jest.spyOn(Logger.prototype, 'error');
    const messageParser = (): never => {
      throw new Error('cannot read that');
    };
    await start({ options: { messageParser } });
    const client = await connect('/echo');
    client.send({ event: 'echo', data: 'lost' });
    client.socket.ping();
    await once(client.socket, 'pong');
    expect(error).toHaveBeenCalledWith(expect.objectContaining({ message: 'cannot read that' }));
    adapter!.setMessageParser((data) => ({ event: 'echo', data: Buffer.isBuffer(data) && data.length }));
    client.socket.send(Buffer.alloc(5));

    expect(await client.next()).toBe(5);
    await client.close();
  });
});

describe('a lifecycle hook that fails', () => {
  it('closes its client before anything it sent is handled', async () => {
    const handled = jest.fn();

    @WebSocketGateway({ path: '/no' })
    class RefusingGateway {
      handleConnection(): void {
        throw new Error('no');
      }

      @SubscribeMessage('any')
      any(): void {
        handled();
      }
    }
    const { address } = await start({ gateways: [RefusingGateway] });
    const socket = await connectRaw(address);
    socket.write(
      Buffer.concat([Buffer.from(handshake(address, { path: '/no' })), textFrame('{"event":"any"}')]),
    );

    expect(await closeFrame(socket)).toBe(1011);
    await running!.close();
    running = undefined;
    expect(handled).not.toHaveBeenCalled();
  });

  it('closes its client in a request-scoped gateway too', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Scoped {}

    @WebSocketGateway({ path: '/scoped' })
    class ScopedGateway {
      constructor(readonly scoped: Scoped) {}

      async handleConnection(): Promise<void> {
        throw new Error('no');
      }
    }
    await start({ gateways: [ScopedGateway], module: { providers: [Scoped] } });

    expect(await (await connect('/scoped')).closed).toMatchObject({ code: 1011 });
  });

  it('is logged with its name: handleDisconnect too', async () => {
    const error = jest.spyOn(Logger.prototype, 'error');

    @WebSocketGateway({ path: '/forgetful' })
    class ForgetfulGateway {
      handleDisconnect(): void {
        throw new Error('forgot');
      }
    }
    await start({ gateways: [ForgetfulGateway] });
    await (await connect('/forgetful')).close();
    await running!.close();
    running = undefined;

    expect(error).toHaveBeenCalledWith('ForgetfulGateway.handleDisconnect failed: forgot', expect.anything());
  });

  it('throws as ever when others call it', async () => {
    @WebSocketGateway({ path: '/direct' })
    class DirectGateway {
      handleConnection(client: unknown): void {
        throw new Error(`thrown for ${String(client)}`);
      }

      async handleDisconnect(): Promise<void> {
        throw new Error('rejected');
      }
    }
    const { app } = await start({ gateways: [DirectGateway] });
    const gateway = app.get(DirectGateway);

    expect(() => gateway.handleConnection('nobody')).toThrow('thrown for nobody');
    await expect(gateway.handleDisconnect()).rejects.toThrow('rejected');
  });
});

/** The code in the first close frame behind the 101. */
async function closeFrame(socket: Awaited<ReturnType<typeof connectRaw>>): Promise<number> {
  let received = Buffer.alloc(0);
  for await (const chunk of socket) {
    received = Buffer.concat([received, chunk as Buffer]);
    const start = received.indexOf('\r\n\r\n') + 4;
    if (start > 3 && received.length >= start + 4) return received.readUInt16BE(start + 2);
  }
  throw new Error('no close frame came');
}

describe('a port of its own', () => {
  it('is shared by its paths; what has none gets the rest', async () => {
    const port = await freePort();
    const gateways = [
      gatewayAt(undefined, 'rest', port),
      gatewayAt('/one', 'one', port),
      gatewayAt('/two', 'two', port),
    ];
    await start({ gateways, options: { host: '127.0.0.1' } });

    for (const [path, name] of [
      ['one', 'one'],
      ['two', 'two'],
      ['three', 'rest'],
      ['', 'rest'],
    ]) {
      expect(await nameAt(`ws://127.0.0.1:${port}/${path!}`)).toBe(name);
    }
    expect((await fetch(`http://127.0.0.1:${port}/one`)).status).toBe(426);
  });

  it('answers 503 until the application has started, and is free when it has closed', async () => {
    const port = await freePort();
    const early: unknown[] = [];

    @Injectable()
    class Slow implements OnModuleInit {
      async onModuleInit(): Promise<void> {
        early.push(await nameAt(`ws://127.0.0.1:${port}/one`).catch((error: unknown) => error));
      }
    }
    const gateways = [gatewayAt('/one', 'one', port)];
    await start({ gateways, options: { host: '127.0.0.1' }, module: { providers: [Slow] } });

    expect(early).toEqual([expect.objectContaining({ status: 503 })]);
    expect(await nameAt(`ws://127.0.0.1:${port}/one`)).toBe('one');
    await running!.close();
    running = undefined;
    const next = createServer().listen(port, '127.0.0.1');
    await once(next, 'listening');
    next.close();
  });

  it('that is taken is logged', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const logged = new Promise((resolve) =>
      jest.spyOn(Logger.prototype, 'error').mockImplementation((error: unknown) => resolve(error)),
    );
    await start({ gateways: [gatewayAt('/one', 'one', port)], options: { host: '127.0.0.1' } });

    expect(await logged).toMatchObject({ code: 'EADDRINUSE' });
    taken.close();
  });
});

describe('clients that do not answer to a close frame', () => {
  let socket: Socket | undefined;

  // it does not read, and so would never see that it was dropped
  afterEach(() => void socket?.destroy());

  const silent = async (address: string): Promise<void> => {
    socket = await connectRaw(address);
    socket.write(handshake(address, { path: '/echo' }));
    await once(socket, 'data');
    socket.pause();
  };

  it('are waited for no longer than closeTimeoutMs', async () => {
    const { app, address, close } = await start({ options: { closeTimeoutMs: 20 } });
    const { clients } = app.get(EchoGateway).server;
    await silent(address);
    expect(clients.size).toBe(1);
    await close();
    running = undefined;

    expect(clients.size).toBe(0);
  });

  it('are not waited for with forceCloseConnections', async () => {
    const { app, address, close } = await start({ options: { closeTimeoutMs: Infinity } });
    const { clients } = app.get(EchoGateway).server;
    adapter!.forceCloseConnections = true;
    await silent(address);
    expect(clients.size).toBe(1);
    await close();
    running = undefined;

    expect(clients.size).toBe(0);
  });

  it('are told to try again later when Nest turns them away', async () => {
    const { app } = await start();
    const client = await connect('/echo');
    for (const socket of app.get(EchoGateway).server.clients) adapter!.closeClient(socket);

    expect(await client.closed).toMatchObject({ code: 1013 });
  });
});

it('takes the application option forceCloseConnections from Nest', async () => {
  @Module({ providers: [EchoGateway] })
  class EchoModule {}

  const app = await NestFactory.create(EchoModule, { logger: false, forceCloseConnections: true });
  const own = new NestwireAdapter(app);
  app.useWebSocketAdapter(own);
  await app.init();

  expect(own.forceCloseConnections).toBe(true);
  await app.close();
});
