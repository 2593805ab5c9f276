/**
 * A broker on Redis. Two connections: one publishes and reads, the other is subscribed, to the channels that
 * somebody here is in, once each (a third is for mailboxes). See `scripts.ts` for what happens within Redis, and `redis-topic.ts` for what
 * happens when the connection is lost.
 */
import {
  type Broker,
  BrokerClosedError,
  type BrokerSubscription,
  type HistoryBounds,
  type Position,
  type Replay,
} from '../../channel/index.js';
import type { Deliver } from '../guarded.js';
import { readMessage } from './foreign.js';
import { RedisConnection } from './redis-connection.js';
import { RedisHistories } from './redis-histories.js';
import { RedisMailboxes } from './redis-mailboxes.js';
import type { ResolvedRedisOptions } from './resolve-options.js';
import { RedisTopic, type TopicSource, type TopicSubscriber } from './redis-topic.js';

export class RedisBroker implements Broker {
  readonly mailboxes: RedisMailboxes;
  private readonly histories: RedisHistories;
  private readonly subscriptions: RedisConnection;
  private readonly topics = new Map<string, RedisTopic>();
  private closed = false;

  constructor(private readonly options: ResolvedRedisOptions) {
    this.histories = new RedisHistories(options);
    this.mailboxes = new RedisMailboxes(options, this.histories.connection);
    this.subscriptions = new RedisConnection('subscriptions', options);
    this.subscriptions.onReady(() => {
      for (const topic of this.topics.values()) void topic.attach();
    });
    this.subscriptions.onLost(() => {
      for (const topic of this.topics.values()) topic.detach();
    });
    this.subscriptions.client.on('message', (topic, text) => this.receive(topic, text));
  }

  private receive(name: string, text: string): void {
    const topic = this.topics.get(name);
    const publication = topic && readMessage(text);
    if (publication) topic.receive(publication);
  }

  publish(channel: string, body: string, history: HistoryBounds | undefined): Promise<Position | undefined> {
    return history ? this.histories.append(channel, body, history) : this.histories.publish(channel, body);
  }

  history(channel: string, after: Position | undefined): Promise<Replay> {
    return this.histories.read(channel, after);
  }

  subscribe(channel: string, deliver: Deliver, lost?: (position: Position) => void): BrokerSubscription {
    if (this.closed) return { ready: Promise.reject(new BrokerClosedError()), close: () => undefined };
    const name = this.histories.topic(channel);
    const topic = this.topics.get(name) ?? this.open(name, channel);
    const subscriber: TopicSubscriber = { deliver, lost };
    topic.subscribers.add(subscriber);
    const ready = (): Promise<void> => this.whenAttached(topic);
    return {
      get ready() {
        return ready();
      },
      close: () => this.unsubscribe(name, topic, subscriber),
    };
  }

  private open(name: string, channel: string): RedisTopic {
    const source: TopicSource = {
      subscriptions: this.subscriptions.client,
      read: (after) => this.histories.read(channel, after),
      peek: (after) => this.histories.peek(channel, after),
    };
    const topic = new RedisTopic(name, source);
    this.topics.set(name, topic);
    this.subscriptions.start();
    if (this.subscriptions.isReady) void topic.attach();
    return topic;
  }

  private whenAttached(topic: RedisTopic): Promise<void> {
    const { timeoutMs } = this.options;
    return topic.whenAttached(timeoutMs, () =>
      this.subscriptions.unavailable(`not subscribed within ${timeoutMs} ms`),
    );
  }

  private unsubscribe(name: string, topic: RedisTopic, subscriber: TopicSubscriber): void {
    if (!topic.subscribers.delete(subscriber) || topic.subscribers.size > 0) return;
    topic.end();
    if (this.topics.get(name) !== topic) return;
    this.topics.delete(name);
    if (this.subscriptions.isReady) this.subscriptions.client.unsubscribe(name).catch(() => undefined);
  }

  /** What was asked of Redis before is waited for, at most `timeoutMs`. */
  async close(): Promise<void> {
    this.closed = true;
    for (const topic of this.topics.values()) {
      topic.subscribers.clear();
      topic.end(new BrokerClosedError());
    }
    this.topics.clear();
    await this.mailboxes.close();
    await Promise.all([this.histories.close(), this.subscriptions.close()]);
  }
}
