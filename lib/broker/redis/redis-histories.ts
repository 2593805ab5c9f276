import { randomBytes } from 'node:crypto';
import { BrokerClosedError, type HistoryBounds, type Position, type Replay } from '../../channel/index.js';
import { reasonOf } from './errors.js';
import { readPosition, readReplay } from './foreign.js';
import { keysOf, topicOf } from './names.js';
import { RedisConnection } from './redis-connection.js';
import type { ResolvedRedisOptions } from './resolve-options.js';
import { HISTORY, PUBLISH, type Script } from './scripts.js';

const EPOCH_BYTES = 9;

/** Publishes, and reads histories: what is asked of Redis, and answered. Bounded in number and time. */
export class RedisHistories {
  readonly connection: RedisConnection;
  /** Random, and a counter makes it a new epoch for each call that may begin one. */
  private readonly epochs = randomBytes(EPOCH_BYTES).toString('base64url');
  private calls = 0;
  private pending = 0;
  private closed = false;

  constructor(private readonly options: ResolvedRedisOptions) {
    this.connection = new RedisConnection('commands', options);
    const { client } = this.connection;
    // sent before any call: calls that had to bring their script would overtake each other
    this.connection.onReady(() => {
      for (const { source } of [PUBLISH, HISTORY]) client.script('LOAD', source).catch(() => undefined);
    });
  }

  /** What a channel is called at Redis. */
  topic(channel: string): string {
    return topicOf(this.options.prefix, this.connection.client.options.db ?? 0, channel);
  }

  publish(channel: string, body: string): Promise<undefined> {
    const { client } = this.connection;
    return this.bounded(async () => {
      await client.publish(this.topic(channel), `:${body}`);
      return undefined;
    });
  }

  append(channel: string, body: string, { size, bytes, ageMs }: HistoryBounds): Promise<Position> {
    const age = Number.isFinite(ageMs) ? Math.ceil(ageMs) : -1;
    const args = [body, size, bytes, age, this.topic(channel)];
    return this.bounded(async () => {
      const [epoch, offset] = (await this.run(PUBLISH, channel, args)) as unknown[];
      return readPosition(epoch, offset);
    });
  }

  /** As `Broker.history`. */
  read(channel: string, after: Position | undefined): Promise<Replay> {
    return this.bounded(async () => readReplay(await this.run(HISTORY, channel, [...wanted(after), 1])));
  }

  /** As `read`, but where there is no history none is begun. */
  peek(channel: string, after: Position | undefined): Promise<Replay | undefined> {
    return this.bounded(async () => {
      const answer = await this.run(HISTORY, channel, [...wanted(after), 0]);
      return answer === null ? undefined : readReplay(answer);
    });
  }

  private async bounded<T>(work: () => Promise<T>): Promise<T> {
    const { connection, options } = this;
    if (this.closed) throw new BrokerClosedError();
    if (this.pending >= options.maxPending) throw connection.unavailable(`${this.pending} calls are waiting`);
    this.pending++;
    try {
      if (!connection.isReady) await connection.whenReady();
      return await work().catch((error: unknown) => {
        throw connection.unavailable(reasonOf(error));
      });
    } finally {
      this.pending--;
    }
  }

  private async run({ sha, source }: Script, channel: string, args: (string | number)[]): Promise<unknown> {
    const { prefix, durability, idleMs } = this.options;
    const { client } = this.connection;
    const epoch = this.epochs + (++this.calls).toString(36);
    const all = [...keysOf(prefix, channel), epoch, durability, idleMs, ...args];
    try {
      return await client.evalsha(sha, 2, ...all);
    } catch (error) {
      // somebody flushed the scripts
      if (reasonOf(error) !== 'NOSCRIPT') throw error;
      return client.eval(source, 2, ...all);
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.connection.close();
  }
}

const wanted = (after: Position | undefined): [string, number] => [after?.epoch ?? '', after?.offset ?? 0];
