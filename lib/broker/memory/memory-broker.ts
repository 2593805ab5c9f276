/**
 * The default broker: one process, and its memory. An acknowledged publication survives as long as the
 * process does, within the bounds of its history.
 */
import {
  type Broker,
  BrokerClosedError,
  type BrokerPublication,
  type BrokerSubscription,
  type HistoryBounds,
  type Position,
  type Replay,
} from '../../channel/index.js';
import type { Deliver } from '../guarded.js';
import { FanOut } from './fan-out.js';
import { MemoryPresence } from './memory-presence.js';
import { MemoryHistory } from './memory-history.js';
import { MemoryMailboxes } from './memory-mailboxes.js';

class MemoryTopic extends FanOut<BrokerPublication> {
  history: MemoryHistory | undefined;
}

/** An empty history is dropped, with its epoch, when nobody has used it for so long. */
const IDLE_HISTORY_MS = 600_000;
const SWEEP_INTERVAL_MS = 60_000;

export class MemoryBroker implements Broker {
  readonly mailboxes = new MemoryMailboxes();
  readonly presence = new MemoryPresence();
  private readonly topics = new Map<string, MemoryTopic>();
  private sweptAt: number;
  private closed = false;

  /** @param now milliseconds on a clock that never jumps */
  constructor(private readonly now: () => number = () => performance.now()) {
    this.sweptAt = now();
  }

  publish(
    channel: string,
    body: string,
    history: HistoryBounds | undefined,
    id?: string,
  ): Promise<Position | undefined> {
    if (this.closed) return Promise.reject(new BrokerClosedError());
    if (this.now() - this.sweptAt > SWEEP_INTERVAL_MS) this.sweep();
    if (history === undefined) {
      this.topics.get(channel)?.deliver({ body, position: undefined });
      return Promise.resolve(undefined);
    }
    const topic = this.topic(channel);
    const known = id === undefined ? undefined : this.historyOf(topic).find(id);
    if (known) return Promise.resolve(known);
    const position = this.historyOf(topic).append(body, history, id);
    topic.deliver({ body, position });
    return Promise.resolve(position);
  }

  private topic(channel: string): MemoryTopic {
    let topic = this.topics.get(channel);
    if (!topic) this.topics.set(channel, (topic = new MemoryTopic()));
    return topic;
  }

  private historyOf(topic: MemoryTopic): MemoryHistory {
    return (topic.history ??= new MemoryHistory(this.now));
  }

  subscribe(channel: string, deliver: Deliver): BrokerSubscription {
    if (this.closed) return { ready: Promise.reject(new BrokerClosedError()), close: () => undefined };
    // one function may be subscribed twice
    const own: Deliver = (publication) => deliver(publication);
    const topic = this.topic(channel);
    topic.subscribers.add(own);
    return { ready: Promise.resolve(), close: () => this.unsubscribe(channel, topic, own) };
  }

  private unsubscribe(channel: string, topic: MemoryTopic, deliver: Deliver): void {
    if (!topic.subscribers.delete(deliver)) return;
    if (topic.subscribers.size === 0 && !topic.history) this.topics.delete(channel);
  }

  history(channel: string, after: Position | undefined): Promise<Replay> {
    if (this.closed) return Promise.reject(new BrokerClosedError());
    return Promise.resolve(this.historyOf(this.topic(channel)).after(after));
  }

  private sweep(): void {
    this.sweptAt = this.now();
    for (const [channel, topic] of this.topics) {
      const { history } = topic;
      if (topic.subscribers.size > 0 || !history?.isEmpty) continue;
      if (this.sweptAt - history.usedAt > IDLE_HISTORY_MS) this.topics.delete(channel);
    }
  }

  close(): Promise<void> {
    this.closed = true;
    this.topics.clear();
    this.mailboxes.close();
    this.presence.close();
    return Promise.resolve();
  }
}
