import { Controller, Get, Inject, Module, ServiceUnavailableException } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { NestwireHealth, NestwireModule } from '../../dist/index.js';
import { decorate } from '../bench/contestants/decorate.mjs';

/** A node that is shutting down gets no clients; one whose Redis is away keeps them. */
class ReadyController {
  constructor(health) {
    this.health = health;
  }

  ready() {
    if (this.health.check().nestwire.shutdown) throw new ServiceUnavailableException();
  }
}
Inject(NestwireHealth)(ReadyController, undefined, 0);
decorate(ReadyController, 'ready', Get());
Controller('ready')(ReadyController);

/**
 * One of several nodes: an application on dist/, as users have it, that says at `/ready` whether it wants clients.
 * @returns the application, when it listens
 */
export async function startNode({ port, nestwire, gateways, adapter = new ExpressAdapter() }) {
  class AppModule {}
  const imports = [NestwireModule.forRoot(nestwire)];
  Module({ imports, controllers: [ReadyController], providers: gateways })(AppModule);
  const app = await NestFactory.create(AppModule, adapter, { logger: ['error'] });
  app.enableShutdownHooks();
  await app.listen(port, '127.0.0.1');
  return app;
}
