/** A node of an application that restarts: a process of its own, which prints `ready` when it listens. */
import { Controller, Get, Inject, Module, ServiceUnavailableException } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { redis } from '../../dist/broker/redis/index.js';
import {
  Channels,
  CurrentSession,
  Gateway,
  NestwireHealth,
  NestwireModule,
  OnConnect,
  Payload,
  Subscribe,
} from '../../dist/index.js';
import { decorate } from '../bench/contestants/decorate.mjs';

const { REDIS_URL, PORT } = process.env;

class FeedGateway {
  constructor(channels) {
    this.feed = channels.channel('feed', { history: { size: 1_000_000, bytes: 100_000_000 } });
  }

  connect(session) {
    return session.join(this.feed);
  }

  async publish(item) {
    return (await this.feed.publish(item)).offset;
  }

  async history() {
    return (await this.feed.history()).map(({ data }) => data);
  }
}
Inject(Channels)(FeedGateway, undefined, 0);
CurrentSession()(FeedGateway.prototype, 'connect', 0);
Payload()(FeedGateway.prototype, 'publish', 0);
decorate(FeedGateway, 'connect', OnConnect());
for (const event of ['publish', 'history']) decorate(FeedGateway, event, Subscribe(event));
Gateway('/feed')(FeedGateway);

class ReadyController {
  constructor(health) {
    this.health = health;
  }

  ready() {
    const { nestwire } = this.health.check('nestwire');
    if (nestwire.status !== 'up') throw new ServiceUnavailableException();
  }
}
Inject(NestwireHealth)(ReadyController, undefined, 0);
decorate(ReadyController, 'ready', Get());
Controller('ready')(ReadyController);

class AppModule {}
const nestwire = NestwireModule.forRoot({
  broker: redis({ url: REDIS_URL }),
  limits: { shutdownMs: 10_000 },
});
Module({ imports: [nestwire], controllers: [ReadyController], providers: [FeedGateway] })(AppModule);

const app = await NestFactory.create(AppModule, { logger: ['error'] });
app.enableShutdownHooks();
await app.listen(Number(PORT), '127.0.0.1');
console.log('ready');
