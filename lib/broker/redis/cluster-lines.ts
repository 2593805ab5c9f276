/**
 * Sharded Pub/Sub: a topic is published, and subscribed, at the node of the cluster that has its slot. So there is
 * a connection to each node with topics of ours. One that is lost, or that is told that a slot moved, is given up:
 * its topics are subscribed again where they are now.
 */
import type { Cluster } from 'ioredis';
import type { LineEvents, LineRole, Lines } from './lines.js';
import { RedisConnection } from './redis-connection.js';
import type { ResolvedRedisOptions } from './resolve-options.js';

interface Line {
  readonly connection: RedisConnection;
  readonly topics: Set<string>;
}

export class ClusterLines implements Lines {
  /** By `host:port`. */
  private readonly lines = new Map<string, Line>();
  /** Topics that somebody wants: to subscribe one takes time. */
  private readonly wanted = new Set<string>();

  /** @param cluster the connection for commands, which knows where slots are */
  constructor(
    private readonly role: LineRole,
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

  whenReady(): Promise<void> {
    return this.cluster.whenReady();
  }

  async subscribe(topic: string): Promise<() => boolean> {
    this.wanted.add(topic);
    await this.cluster.whenReady();
    const client = this.cluster.client as Cluster;
    try {
      return await this.subscribeAt(client, await this.placeOf(client, topic), topic);
    } catch (error) {
      client.refreshSlotsCache();
      throw error;
    }
  }

  private async subscribeAt(client: Cluster, key: string, topic: string): Promise<() => boolean> {
    if (!this.wanted.has(topic)) return () => false;
    const line = this.lines.get(key) ?? this.open(client, key);
    line.topics.add(topic);
    await line.connection.whenReady();
    // unsubscribed meanwhile: nothing would ever take it back
    if (line.topics.has(topic)) await line.connection.client.ssubscribe(topic);
    return () => this.lines.get(key) === line && line.topics.has(topic);
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
    const connection = new RedisConnection(this.role, this.options, (settings) => node.duplicate(settings));
    const line: Line = { connection, topics: new Set() };
    this.lines.set(key, line);
    connection.onLost(() => this.giveUp(key, line));
    connection.client.on('moved', () => this.giveUp(key, line));
    connection.client.on('smessageBuffer', (topic: Buffer, bytes: Buffer) =>
      this.events.message(topic.toString(), bytes),
    );
    return line;
  }

  private giveUp(key: string, line: Line): void {
    if (this.lines.get(key) !== line) return;
    this.lines.delete(key);
    void line.connection.close();
    this.events.lost(line.topics, true);
  }

  unsubscribe(topic: string): void {
    this.wanted.delete(topic);
    for (const { connection, topics } of this.lines.values()) {
      if (topics.delete(topic) && connection.isReady)
        connection.client.sunsubscribe(topic).catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    const lines = [...this.lines.values()];
    this.lines.clear();
    this.wanted.clear();
    await Promise.all(lines.map(({ connection }) => connection.close()));
  }
}
