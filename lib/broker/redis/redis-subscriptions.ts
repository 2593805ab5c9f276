import { BrokerClosedError, type BrokerSubscription } from '../../channel/index.js';
import { attachedLines } from './attached-lines.js';
import { readMessage } from './foreign.js';
import type { Lines } from './lines.js';
import type { RedisCommands } from './redis-commands.js';
import { type TopicHistory, RedisTopic, type TopicSubscriber } from './redis-topic.js';
import type { ResolvedRedisOptions } from './resolve-options.js';

/** What is subscribed at Redis, each topic once, while somebody here wants it. */
export class RedisSubscriptions {
  private readonly lines: Lines;
  private readonly topics = new Map<string, RedisTopic>();
  private closed = false;

  /** @param commands of a cluster: they know where topics are */
  constructor(
    private readonly options: ResolvedRedisOptions,
    commands: RedisCommands,
  ) {
    const receive = (name: string, bytes: Buffer): void => this.receive(name, bytes);
    this.lines = attachedLines('subscriptions', options, commands.connection, this.topics, receive);
  }

  get isUp(): boolean {
    return this.lines.isUp;
  }

  private receive(name: string, bytes: Buffer): void {
    const topic = this.topics.get(name);
    const publication = topic && readMessage(bytes.toString());
    if (publication) topic.receive(publication);
  }

  /** @param history of the topic, when it is not subscribed yet */
  subscribe(name: string, history: () => TopicHistory, subscriber: TopicSubscriber): BrokerSubscription {
    if (this.closed) return { ready: Promise.reject(new BrokerClosedError()), close: () => undefined };
    const topic = this.topics.get(name) ?? this.open(name, history());
    topic.subscribers.add(subscriber);
    const ready = (): Promise<void> => topic.attachment.whenAttached(this.options.timeoutMs);
    return {
      get ready() {
        return ready();
      },
      close: () => this.unsubscribe(name, topic, subscriber),
    };
  }

  private open(name: string, history: TopicHistory): RedisTopic {
    const topic = new RedisTopic(() => this.lines.subscribe(name), history);
    this.topics.set(name, topic);
    if (this.lines.start()) void topic.attachment.begin();
    return topic;
  }

  private unsubscribe(name: string, topic: RedisTopic, subscriber: TopicSubscriber): void {
    if (!topic.subscribers.delete(subscriber) || topic.subscribers.size > 0) return;
    topic.attachment.end();
    if (this.topics.get(name) !== topic) return;
    this.topics.delete(name);
    this.lines.unsubscribe(name);
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const topic of this.topics.values()) {
      topic.subscribers.clear();
      topic.attachment.end(new BrokerClosedError());
    }
    this.topics.clear();
    await this.lines.close();
  }
}
