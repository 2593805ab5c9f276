/** One of the nodes. */
import { Inject } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { redis } from '../../../dist/broker/redis/index.js';
import { Channels, CurrentSession, Gateway, OnConnect, Payload, Subscribe } from '../../../dist/index.js';
import { decorate } from '../../bench/contestants/decorate.mjs';
import { startNode } from '../../support/start-node.mjs';
import { serveParent } from './serve-parent.mjs';

const { port, redisUrl, durability, channels: channelCount, platform } = JSON.parse(process.argv[2]);

/** More than is published while a client, a node or Redis is away. */
const HISTORY = { size: 5_000, bytes: 16 * 1024 * 1024 };

class FeedGateway {
  constructor(channels) {
    this.channels = channels;
    for (let i = 0; i < channelCount; i++) channels.channel(`c${i}`, { event: 'item', history: HISTORY });
  }

  connect(session) {
    return session.join(this.channels.channel(session.params.channel));
  }
}
Inject(Channels)(FeedGateway, undefined, 0);
CurrentSession()(FeedGateway.prototype, 'connect', 0);
decorate(FeedGateway, 'connect', OnConnect());
Gateway('/feed/:channel')(FeedGateway);

class PublishGateway {
  constructor(channels) {
    this.channels = channels;
  }

  publish({ channel, item }) {
    return this.channels.channel(channel).publish(item);
  }
}
Inject(Channels)(PublishGateway, undefined, 0);
Payload()(PublishGateway.prototype, 'publish', 0);
decorate(PublishGateway, 'publish', Subscribe('publish'));
Gateway({ path: '/publish', concurrency: 1_000 })(PublishGateway);

const app = await startNode({
  port,
  adapter: platform === 'Fastify' ? new FastifyAdapter() : new ExpressAdapter(),
  gateways: [FeedGateway, PublishGateway],
  nestwire: {
    broker: redis({ url: redisUrl, durability }),
    heartbeat: { intervalMs: 5_000, timeoutMs: 5_000 },
    // everybody comes from one address, at once
    limits: { awaitedSessions: 10_000, awaitedSessionsPerAddress: 10_000, shutdownMs: 10_000 },
  },
});

function resources() {
  globalThis.gc();
  const { rss, heapUsed, external } = process.memoryUsage();
  return new Promise((resolve) => {
    app.getHttpServer().getConnections((_error, sockets) => {
      resolve({ rssBytes: rss, heldBytes: heapUsed + external, sockets });
    });
  });
}
serveParent({ resources });
