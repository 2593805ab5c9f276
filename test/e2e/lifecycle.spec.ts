import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type BeforeApplicationShutdown,
  type INestApplication,
  Inject,
  Injectable,
  Logger,
  Module,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  Channels,
  CurrentSession,
  Gateway,
  type GatewaySession,
  NestwireModule,
  OnConnect,
  OnDisconnect,
  Subscribe,
} from 'nestwire';
import { freePort } from '../support/free-port.js';
import { WsClient } from '../support/ws-client.js';

const log: string[] = [];
let early: Server;
let ownPort = 0;

const earlyUrl = (): string => `ws://127.0.0.1:${(early.address() as AddressInfo).port}/board`;

const refusal = (url: string): Promise<unknown> =>
  WsClient.connect(url).then(
    () => 'connected',
    (error: unknown) => (error as { status?: number }).status ?? (error as { code?: string }).code,
  );

/** Something that a gateway needs, and that takes its time to come up and to go down. */
@Injectable()
class Database implements OnModuleInit, OnModuleDestroy, BeforeApplicationShutdown, OnApplicationShutdown {
  isUp = false;

  async onModuleInit(): Promise<void> {
    log.push(`early: ${String(await refusal(earlyUrl()))}`);
    log.push(`own port: ${String(await refusal(`ws://127.0.0.1:${ownPort}/side`))}`);
    this.isUp = true;
  }

  onModuleDestroy(): void {
    log.push('module destroyed');
  }

  beforeApplicationShutdown(): void {
    log.push('before shutdown');
  }

  onApplicationShutdown(): void {
    this.isUp = false;
    log.push('shut down');
  }
}

@Gateway('/board')
class BoardGateway {
  constructor(
    private readonly database: Database,
    private readonly channels: Channels,
  ) {}

  @OnConnect()
  async connect(@CurrentSession() session: GatewaySession): Promise<void> {
    await session.join('board');
  }

  @Subscribe('up')
  up(): boolean {
    return this.database.isUp;
  }

  @OnDisconnect()
  async disconnect(): Promise<void> {
    await wait(20);
    const position = await this.channels.channel('board', { history: {} }).publish('left');
    log.push(`disconnected, up: ${this.database.isUp}, offset: ${position?.offset}`);
  }
}

@Gateway({ path: '/side', port: () => ownPort })
class SideGateway {
  @OnDisconnect()
  async disconnect(): Promise<void> {
    await wait(10);
    log.push('side disconnected');
  }
}

@Module({
  providers: [{ provide: 'SETTINGS', useFactory: () => Promise.resolve({ channels: 3 }) }],
  exports: ['SETTINGS'],
})
class SettingsModule {}

@Module({
  imports: [
    NestwireModule.forRootAsync({
      imports: [SettingsModule],
      inject: ['SETTINGS'],
      useFactory: async (limits: { channels: number }) => {
        await wait(1);
        return { limits, servers: [early] };
      },
    }),
  ],
  providers: [Database, BoardGateway, SideGateway],
})
class AppModule {
  constructor(@Inject(Database) readonly database: Database) {}
}

describe.each([
  ['Express', () => new ExpressAdapter()],
  ['Fastify', () => new FastifyAdapter()],
] as const)('the life of an application with forRootAsync on %s', (_, adapter) => {
  let app: INestApplication;

  beforeEach(async () => {
    log.length = 0;
    Logger.overrideLogger(false);
    ownPort = await freePort();
    early = createServer((_request, response) => response.writeHead(503).end()).listen(0, '127.0.0.1');
    await once(early, 'listening');
    app = await NestFactory.create(AppModule, adapter(), { logger: false, abortOnError: false });
    await app.listen(0, '127.0.0.1');
  });

  afterEach(async () => {
    await app.close();
    early.close();
  });

  it('begins for clients when all modules are initialised, wherever they come in', async () => {
    expect(log).toEqual(['early: 503', 'own port: ECONNREFUSED']);
    const client = await WsClient.connect(earlyUrl());

    expect(await client.request('up')).toMatchObject({ data: true });
  });

  it('ends when clients are gone and what @OnDisconnect began has settled', async () => {
    const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
    const clients = await Promise.all([
      WsClient.connect(`ws://127.0.0.1:${port}/board`),
      WsClient.connect(earlyUrl()),
      WsClient.connect(`ws://127.0.0.1:${ownPort}/side`),
    ]);
    log.length = 0;
    await app.close();

    for (const client of clients) expect(await client.closed).toMatchObject({ code: 1012 });
    expect(log[0]).toBe('module destroyed');
    expect(log.slice(1, 4).toSorted()).toEqual([
      'disconnected, up: true, offset: 1',
      'disconnected, up: true, offset: 2',
      'side disconnected',
    ]);
    expect(log.slice(4)).toEqual(['before shutdown', 'shut down']);
  });
});
