import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type INestApplication,
  Logger,
  type NestApplicationOptions,
  type ModuleMetadata,
  Module,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { NestwireModule, type NestwireOptions } from 'nestwire';

export type Platform = 'Express' | 'Fastify';

export interface TestApp {
  readonly app: INestApplication;
  readonly server: Server;
  /** `host:port`. */
  readonly address: string;
  readonly close: () => Promise<void>;
}

export interface TestAppOptions {
  readonly module: ModuleMetadata;
  /** False: without `NestwireModule`. */
  readonly nestwire?: NestwireOptions | false;
  readonly platform?: Platform;
  /** Before the application is initialised. */
  readonly prepare?: (app: INestApplication) => void;
}

/** A real application on a free port, silent but for what a test listens to. */
export async function startApp({ module, nestwire, platform, prepare }: TestAppOptions): Promise<TestApp> {
  const ours = nestwire === false ? [] : [NestwireModule.forRoot(nestwire)];

  @Module({ ...module, imports: [...ours, ...(module.imports ?? [])] })
  class AppModule {}

  Logger.overrideLogger(false);
  const adapter = platform === 'Fastify' ? new FastifyAdapter() : new ExpressAdapter();

  const options: NestApplicationOptions = { logger: false, abortOnError: false };
  const app = await NestFactory.create(AppModule, adapter, options);
  prepare?.(app);
  await app.listen(0, '127.0.0.1');
  const server = app.getHttpServer() as Server;
  const { port } = server.address() as AddressInfo;
  return { app, server, address: `127.0.0.1:${port}`, close: () => app.close() };
}
