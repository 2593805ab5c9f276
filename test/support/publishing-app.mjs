/**
 * A gateway that publishes to everybody who comes, in a process of its own: `fork` it with the options as JSON,
 * and tell it by messages what to do. Runs dist/, as users do.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { Inject, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Channels, CurrentSession, Gateway, NestwireModule, OnConnect, Subscribe } from '../../dist/index.js';
import { decorate } from '../bench/contestants/decorate.mjs';

const { history, limits } = JSON.parse(process.argv[2]);

class NewsGateway {
  #published = 0;

  constructor(channels) {
    this.news = channels.channel('news', { event: 'news', history: { size: history } });
  }

  connect(session) {
    return session.join(this.news);
  }

  /** An answer comes behind the start of the channel. */
  isThere() {
    return true;
  }

  /** Each says which it is, counted from 1 as offsets are, and when it was made (ms, the same clock in all processes). */
  async publish({ count, intervalMs, text }) {
    for (let i = 0; i < count; i++) {
      await this.news.publish({ n: ++this.#published, at: Number(process.hrtime.bigint()) / 1e6, text });
      if (intervalMs > 0) await wait(intervalMs);
    }
    return this.#published;
  }
}
Inject(Channels)(NewsGateway, undefined, 0);
CurrentSession()(NewsGateway.prototype, 'connect', 0);
decorate(NewsGateway, 'connect', OnConnect());
decorate(NewsGateway, 'isThere', Subscribe('is-there'));
Gateway('/news')(NewsGateway);

class AppModule {}
Module({ imports: [NestwireModule.forRoot({ limits })], providers: [NewsGateway] })(AppModule);

/** What has passed through the sockets so far, of connections that are gone too. */
const traffic = { requests: 0, bytesRead: 0, bytesWritten: 0 };
const sockets = new Set();

function count({ bytesRead, bytesWritten }, sum = traffic) {
  sum.bytesRead += bytesRead;
  sum.bytesWritten += bytesWritten;
}

function watch(server) {
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => {
      sockets.delete(socket);
      count(socket);
    });
  });
  for (const event of ['request', 'upgrade']) server.on(event, () => traffic.requests++);
}

function trafficNow() {
  const sum = { ...traffic };
  for (const socket of sockets) count(socket, sum);
  return sum;
}

const app = await NestFactory.create(AppModule, { logger: ['error'] });
await app.listen(0, '127.0.0.1');
watch(app.getHttpServer());
process.on('message', async ({ publish }) => {
  if (publish) process.send({ published: await app.get(NewsGateway).publish(publish) });
  else process.send(trafficNow());
});
process.on('disconnect', () => process.exit());
process.send({ port: app.getHttpServer().address().port });
