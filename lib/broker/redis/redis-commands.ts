import type { Redis } from 'ioredis';
import { BrokerClosedError } from '../../channel/index.js';
import type { RedisClient } from './connect.js';
import { reasonOf, unavailable } from './errors.js';
import { RedisConnection } from './redis-connection.js';
import type { ResolvedRedisOptions } from './resolve-options.js';
import type { Script } from './scripts.js';

/** What is asked of Redis, and answered, over one connection. Bounded in number and time. */
export class RedisCommands {
  readonly connection: RedisConnection;
  private pending = 0;
  private closed = false;

  /** @param scripts all that will be run */
  constructor(
    private readonly options: ResolvedRedisOptions,
    scripts: readonly Script[],
  ) {
    this.connection = new RedisConnection('commands', options);
    const { client } = this.connection;
    const load = (node: RedisClient): void => {
      for (const { source } of scripts) node.script('LOAD', source).catch(() => undefined);
    };
    // sent before any call: calls that had to bring their script would overtake each other
    if (options.isCluster) client.on('+node', (node: Redis) => node.on('ready', () => load(node)));
    else this.connection.onReady(() => load(client));
  }

  /** Pub/Sub knows no databases: names there say which. */
  get db(): number {
    const { client } = this.connection;
    return client.isCluster ? 0 : ((client as Redis).options.db ?? 0);
  }

  /** By which scripts publish. */
  get publishCommand(): string {
    return this.options.isCluster ? 'SPUBLISH' : 'PUBLISH';
  }

  /** @returns how many connections got it, of one node of a cluster */
  publish(topic: string, message: string | Buffer): Promise<number> {
    const { client } = this.connection;
    return this.bounded<number>(() =>
      this.options.isCluster
        ? (client.spublish(topic, message) as Promise<number>)
        : client.publish(topic, message),
    );
  }

  run(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    return this.bounded(() => this.evaluate(script, keys, args));
  }

  private async bounded<T>(work: () => Promise<T>): Promise<T> {
    const { connection, options } = this;
    if (this.closed) throw new BrokerClosedError();
    if (this.pending >= options.maxPending) throw unavailable(`${this.pending} calls are waiting`);
    this.pending++;
    try {
      if (!connection.isReady) await connection.whenReady();
      return await work().catch((error: unknown) => {
        throw unavailable(reasonOf(error));
      });
    } finally {
      this.pending--;
    }
  }

  private async evaluate(
    { sha, source }: Script,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown> {
    const { client } = this.connection;
    try {
      return await client.evalsha(sha, keys.length, ...keys, ...args);
    } catch (error) {
      // somebody flushed the scripts
      if (reasonOf(error) !== 'NOSCRIPT') throw error;
      return client.eval(source, keys.length, ...keys, ...args);
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.connection.close();
  }
}
