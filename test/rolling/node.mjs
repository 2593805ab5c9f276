/** A node of an application that restarts: a process of its own, which prints `ready` when it listens. */
import { Inject } from '@nestjs/common';
import { redis } from '../../dist/broker/redis/index.js';
import { Channels, CurrentSession, Gateway, OnConnect, Payload, Subscribe } from '../../dist/index.js';
import { decorate } from '../bench/contestants/decorate.mjs';
import { startNode } from '../support/start-node.mjs';

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

await startNode({
  port: Number(PORT),
  gateways: [FeedGateway],
  nestwire: { broker: redis({ url: REDIS_URL }), limits: { shutdownMs: 10_000 } },
});
console.log('ready');
