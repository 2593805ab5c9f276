import { afterEach, describe, expect, it } from '@jest/globals';
import { type INestApplication, Injectable, Module, type NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { Ack } from '@nestjs/websockets';
import {
  type Broker,
  Channels,
  Gateway,
  InvalidGatewayError,
  InvalidLimitError,
  NestwireModule,
  Subscribe,
  defineProtocol,
} from 'nestwire';
import { MemoryBroker } from '../../lib/broker/memory/index.js';
import { startApp } from '../support/test-app.js';

const SILENT: NestApplicationOptions = { logger: false };

@Injectable()
class NewsService {
  constructor(readonly channels: Channels) {}
}

@Module({ providers: [NewsService] })
class FeatureModule {}

describe('NestwireModule', () => {
  let app: INestApplication | undefined;

  afterEach(async () => {
    await app?.close();
    app = undefined;
  });

  async function create(
    ...imports: Parameters<typeof Module>[0]['imports'] & object
  ): Promise<INestApplication> {
    const testing = await Test.createTestingModule({ imports }).compile();
    app = testing.createNestApplication(SILENT);
    return app.init();
  }

  it('makes Channels injectable everywhere', async () => {
    await create(NestwireModule.forRoot(), FeatureModule);

    expect(app!.get(NewsService, { strict: false }).channels).toBe(app!.get(Channels, { strict: false }));
  });

  it('takes a broker, which it closes last', async () => {
    const broker = new MemoryBroker();
    await create(NestwireModule.forRoot({ broker }));
    const channels = app!.get(Channels, { strict: false });
    await channels.channel('c').publish(1);
    await app!.close();
    app = undefined;

    await expect(broker.publish('c', '1', undefined)).rejects.toThrow('closed');
  });

  it('takes options from a factory that injects', async () => {
    @Module({ providers: [{ provide: 'BROKER', useValue: new MemoryBroker() }], exports: ['BROKER'] })
    class ConfigModule {}
    await create(
      NestwireModule.forRootAsync({
        imports: [ConfigModule],
        inject: ['BROKER'],
        useFactory: (broker: Broker) => ({ broker, limits: { channels: 5 } }),
      }),
    );

    expect(app!.get(Channels, { strict: false })).toBeInstanceOf(Channels);
  });

  it.each([{ channels: 0 }, { channels: 1.5 }, { channels: Infinity }, { connections: 0 }, { unknown: 1 }])(
    'refuses the limits %j',
    async (limits) => {
      await expect(create(NestwireModule.forRoot({ limits }))).rejects.toThrow(InvalidLimitError);
    },
  );

  it('works in an application without HTTP', async () => {
    @Module({ imports: [NestwireModule.forRoot(), FeatureModule] })
    class WorkerModule {}
    const context = await NestFactory.createApplicationContext(WorkerModule, SILENT);
    await context.get(NewsService, { strict: false }).channels.channel('c').publish(1);
    await context.close();
  });
});

const Known = defineProtocol('known.v1', { client: { a: {} } });
const Foreign = defineProtocol('foreign.v1', { client: { a: {} } });

describe('a gateway with contradicting decorators keeps the application from starting', () => {
  function gateway(
    options: Parameters<typeof Gateway>[0],
    ...subscriptions: MethodDecorator[]
  ): new () => object {
    @Gateway(options)
    class Contradiction {
      one(): void {}
      two(): void {}
    }
    for (const [i, subscribe] of subscriptions.entries()) {
      const name = ['one', 'two'][i]!;
      subscribe(
        Contradiction.prototype,
        name,
        Object.getOwnPropertyDescriptor(Contradiction.prototype, name)!,
      );
    }
    return Contradiction;
  }

  const subscribeWithAck: MethodDecorator = (target, key, descriptor) => {
    Ack()(target, key, 0);
    Subscribe('x')(target, key, descriptor);
  };

  it.each<[string, new () => object]>([
    ['is handled twice', gateway('/a', Subscribe('x'), Subscribe('x'))],
    [
      'is handled twice',
      gateway({ path: '/a', protocol: Known }, Subscribe(Known, 'a') as MethodDecorator, Subscribe('a')),
    ],
    ['does not speak', gateway({ protocol: Known }, Subscribe(Foreign, 'a') as MethodDecorator)],
    ['no client event', gateway({ protocol: Known }, Subscribe(Known, 'toString' as 'a') as MethodDecorator)],
    ['reserved', gateway('/a', Subscribe('nestwire:x'))],
    ['reserved', gateway('/a', Subscribe(''))],
    ['both "protocol" and "protocols"', gateway({ protocol: Known, protocols: [Known] })],
    ['lists a protocol twice', gateway({ protocols: [Known, Known] })],
    ['concurrency', gateway({ concurrency: 0 })],
    ['may only be the last', gateway('/*rest/a')],
    ['"*" may only be the end', gateway('/a', Subscribe('a*b'))],
    ['is a wildcard', gateway({ protocol: Known }, Subscribe(Known, 'a*' as 'a') as MethodDecorator)],
    ['is handled twice', gateway('/a', Subscribe('*'), Subscribe('*'))],
    ['what a handler returns', gateway('/a', subscribeWithAck)],
    ['port must be', gateway({ port: 65_536 })],
    ['port must be', gateway({ port: () => Number.NaN })],
  ])('(%s)', async (message, provider) => {
    const starting = startApp({ module: { providers: [provider] } });

    await expect(starting).rejects.toThrow(InvalidGatewayError);
    await expect(starting).rejects.toThrow(message);
  });
});
