import {
  Channels,
  CurrentSession,
  Gateway,
  NestwireModule,
  OnConnect,
  Payload,
  Subscribe,
} from '../../../dist/index.js';
import { Inject, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { announce, options } from './control.mjs';
import { decorate } from './decorate.mjs';

class BenchGateway {
  constructor(channels) {
    this.everyone = channels.channel('everyone', { event: 'cast' });
  }

  connect(session) {
    if (options.fanOut) return session.join(this.everyone);
  }

  echo(data) {
    return data;
  }

  async cast(data) {
    await this.everyone.publish(data);
  }
}
Inject(Channels)(BenchGateway, undefined, 0);
CurrentSession()(BenchGateway.prototype, 'connect', 0);
decorate(BenchGateway, 'connect', OnConnect());
for (const event of ['echo', 'cast']) {
  Payload()(BenchGateway.prototype, event, 0);
  decorate(BenchGateway, event, Subscribe(event));
}
Gateway('/')(BenchGateway);

class AppModule {}
const limits = { messageBytes: options.maxMessageBytes };
const nestwire = NestwireModule.forRoot({ limits, compression: options.deflate });
Module({ imports: [nestwire], providers: [BenchGateway] })(AppModule);

const app = await NestFactory.create(AppModule, { logger: ['error'] });
await app.listen(0, '127.0.0.1');
announce(app.getHttpServer().address().port);
