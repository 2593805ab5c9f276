/**
 * Sharded Pub/Sub: a topic is published, and subscribed, at the node of the cluster that has its slot. So there is
 * a connection to each node with topics of ours. One that is lost, or that is told that a slot moved, is given up:
 * its topics are subscribed again where they are now.
 */
import type { Cluster } from 'ioredis';
import type { LineEvents, Lines } from './lines.js';
import { RedisConnection } from './redis-connection.js';
import type { ResolvedRedisOptions } from './resolve-options.js';

interface Line {
  readonly connection: RedisConnection;
  readonly topics: Set<string>;
}

export class ClusterLines implements Lines {
  /** By `host:port`. */
  private readonly lines = new Map<string, Line>();

  /** @param cluster the connection for commands, which knows where slots are */
  constructor(
    private readonly options: ResolvedRedisOptions,
    private readonly events: LineEvents,
    private readonly cluster: RedisConnection,
  ) {}

  get isUp(): boolean {
    return [...this.lines.values()].every(({ connection }) => connection.isReady);
  }

  start(): boolean {
    return true;
  }

  async subscribe(topic: string): Promise<() => boolean> {
    await this.cluster.whenReady();
    const client = this.cluster.client as Cluster;
    try {
      const key = await this.placeOf(client, topic);
      const line = this.lines.get(key) ?? this.open(client, key);
      line.topics.add(topic);
      await line.connection.whenReady();
      await line.connection.client.ssubscribe(topic);
      return () => this.lines.get(key) === line;
    } catch (error) {
      client.refreshSlotsCache();
      throw error;
    }
  }

  private async placeOf(client: Cluster, topic: string): Promise<string> {
    const slot = await client.cluster('KEYSLOT', topic);
    const [key] = client.slots[slot] ?? [];
    if (key === undefined) throw new Error('a slot without a node');
    return key;
  }

  private open(client: Cluster, key: string): Line {
    const node = client.nodes('all').find(({ options }) => `${options.host}:${options.port}` === key);
    if (!node) throw new Error('a node without an address');
    const connection = new RedisConnection('subscriptions', this.options, (settings) =>
      node.duplicate(settings),
    );
    const line: Line = { connection, topics: new Set() };
    this.lines.set(key, line);
    connection.onLost(() => this.giveUp(key, line));
    connection.client.on('moved', () => this.giveUp(key, line));
    connection.client.on('smessage', (topic: string, text: string) => this.events.message(topic, text));
    return line;
  }

  private giveUp(key: string, line: Line): void {
    if (this.lines.get(key) !== line) return;
    this.lines.delete(key);
    void line.connection.close();
    this.events.lost(line.topics, true);
  }

  unsubscribe(topic: string): void {
    for (const { connection, topics } of this.lines.values()) {
      if (topics.delete(topic) && connection.isReady)
        connection.client.sunsubscribe(topic).catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    const lines = [...this.lines.values()];
    this.lines.clear();
    await Promise.all(lines.map(({ connection }) => connection.close()));
  }
}
