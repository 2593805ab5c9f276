import { BrokerClosedError, type BrokerSubscription } from '../../channel/index.js';
import { unavailable } from './errors.js';
import { readMessage } from './foreign.js';
import { RedisConnection } from './redis-connection.js';
import { type TopicHistory, RedisTopic, type TopicSubscriber } from './redis-topic.js';
import type { ResolvedRedisOptions } from './resolve-options.js';

/** What is subscribed at Redis, over one connection: each topic once, while somebody here wants it. */
export class RedisSubscriptions {
  private readonly connection: RedisConnection;
  private readonly topics = new Map<string, RedisTopic>();
  private closed = false;

  constructor(private readonly options: ResolvedRedisOptions) {
    this.connection = new RedisConnection('subscriptions', options);
    this.connection.onReady(() => {
      for (const topic of this.topics.values()) void topic.attach();
    });
    this.connection.onLost(() => {
      for (const topic of this.topics.values()) topic.detach();
    });
    this.connection.client.on('message', (topic, text) => this.receive(topic, text));
  }

  get isUp(): boolean {
    return this.connection.isUp;
  }

  private receive(name: string, text: string): void {
    const topic = this.topics.get(name);
    const publication = topic && readMessage(text);
    if (publication) topic.receive(publication);
  }

  /** @param history of the topic, when it is not subscribed yet */
  subscribe(name: string, history: () => TopicHistory, subscriber: TopicSubscriber): BrokerSubscription {
    if (this.closed) return { ready: Promise.reject(new BrokerClosedError()), close: () => undefined };
    const topic = this.topics.get(name) ?? this.open(name, history());
    topic.subscribers.add(subscriber);
    const ready = (): Promise<void> => this.whenAttached(topic);
    return {
      get ready() {
        return ready();
      },
      close: () => this.unsubscribe(name, topic, subscriber),
    };
  }

  private open(name: string, history: TopicHistory): RedisTopic {
    const topic = new RedisTopic(() => this.connection.client.subscribe(name), history);
    this.topics.set(name, topic);
    this.connection.start();
    if (this.connection.isReady) void topic.attach();
    return topic;
  }

  private whenAttached(topic: RedisTopic): Promise<void> {
    const { timeoutMs } = this.options;
    return topic.whenAttached(timeoutMs, () => unavailable(`not subscribed within ${timeoutMs} ms`));
  }

  private unsubscribe(name: string, topic: RedisTopic, subscriber: TopicSubscriber): void {
    if (!topic.subscribers.delete(subscriber) || topic.subscribers.size > 0) return;
    topic.end();
    if (this.topics.get(name) !== topic) return;
    this.topics.delete(name);
    if (this.connection.isReady) this.connection.client.unsubscribe(name).catch(() => undefined);
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const topic of this.topics.values()) {
      topic.subscribers.clear();
      topic.end(new BrokerClosedError());
    }
    this.topics.clear();
    await this.connection.close();
  }
}
