/**
 * A broker on Redis. Two connections: one publishes and reads, the other is subscribed, to the channels that
 * somebody here is in, once each (a third is for mailboxes). See `scripts.ts` for what happens within Redis, and
 * `redis-topic.ts` for what happens when the connection is lost.
 */
import {
  type Broker,
  type BrokerSubscription,
  type HistoryBounds,
  type Position,
  type Replay,
} from '../../channel/index.js';
import type { Deliver } from '../guarded.js';
import { PRESENCE_SCRIPTS } from './presence-scripts.js';
import { RedisCommands } from './redis-commands.js';
import { RedisHistories } from './redis-histories.js';
import { RedisMailboxes } from './redis-mailboxes.js';
import { RedisPresence } from './redis-presence.js';
import { RedisSubscriptions } from './redis-subscriptions.js';
import type { ResolvedRedisOptions } from './resolve-options.js';
import { HISTORY, PUBLISH } from './scripts.js';

export class RedisBroker implements Broker {
  readonly presence: RedisPresence;
  readonly mailboxes: RedisMailboxes;
  private readonly commands: RedisCommands;
  private readonly histories: RedisHistories;
  private readonly subscriptions: RedisSubscriptions;
  /** Subscriptions that don't stand yet, by channel. */
  private readonly beginning = new Map<string, Promise<void>>();

  constructor(options: ResolvedRedisOptions) {
    this.commands = new RedisCommands(options, [PUBLISH, HISTORY, ...PRESENCE_SCRIPTS]);
    this.histories = new RedisHistories(options, this.commands);
    this.subscriptions = new RedisSubscriptions(options, this.commands);
    this.presence = new RedisPresence(options, this.commands, this.subscriptions);
    this.mailboxes = new RedisMailboxes(options, this.commands);
  }

  publish(
    channel: string,
    body: string,
    history: HistoryBounds | undefined,
    id?: string,
  ): Promise<Position | undefined> {
    const send = (): Promise<Position | undefined> =>
      history ? this.histories.append(channel, body, history, id) : this.histories.publish(channel, body);
    // who joined here a moment ago is not to miss it
    return this.beginning.get(channel)?.then(send) ?? send();
  }

  /** Whoever asks wants to know: it connects, and is up when it has. */
  get isUp(): boolean {
    return this.commands.connection.isUp && this.subscriptions.isUp;
  }

  history(channel: string, after: Position | undefined): Promise<Replay> {
    return this.histories.read(channel, after);
  }

  subscribe(channel: string, deliver: Deliver, lost?: (position: Position) => void): BrokerSubscription {
    const history = {
      read: (after: Position) => this.histories.read(channel, after),
      peek: (after: Position | undefined) => this.histories.peek(channel, after),
    };
    const topic = this.histories.topic(channel);
    const subscription = this.subscriptions.subscribe(topic, () => history, { deliver, lost });
    this.awaitBeginning(channel, subscription.ready);
    return subscription;
  }

  /** Whether it succeeds is up to who subscribed; it is tried no longer than `timeoutMs`. */
  private awaitBeginning(channel: string, ready: Promise<void>): void {
    const over = (): void => {
      if (this.beginning.get(channel) === begun) this.beginning.delete(channel);
    };
    const begun = ready.then(over, over);
    this.beginning.set(channel, begun);
  }

  /** What was asked of Redis before is waited for, at most `timeoutMs`. */
  async close(): Promise<void> {
    const left = Promise.all([this.presence.close(), this.mailboxes.close()]);
    await Promise.all([left.then(() => this.commands.close()), this.subscriptions.close()]);
  }
}
