import { randomBytes } from 'node:crypto';
import type { HistoryBounds, Position, Replay } from '../../channel/index.js';
import { readPosition, readReplay, understood } from './foreign.js';
import { keysOf, topicOf } from './names.js';
import type { RedisCommands } from './redis-commands.js';
import type { ResolvedRedisOptions } from './resolve-options.js';
import { HISTORY, PUBLISH, type Script } from './scripts.js';

const EPOCH_BYTES = 9;

/** Publishes, and reads histories. */
export class RedisHistories {
  /** Random, and a counter makes it a new epoch for each call that may begin one. */
  private readonly epochs = randomBytes(EPOCH_BYTES).toString('base64url');
  private calls = 0;

  constructor(
    private readonly options: ResolvedRedisOptions,
    private readonly commands: RedisCommands,
  ) {}

  /** What a channel is called at Redis. */
  topic(channel: string): string {
    return topicOf(this.options.prefix, this.commands.db, channel);
  }

  async publish(channel: string, body: string): Promise<undefined> {
    await this.commands.publish(this.topic(channel), `:${body}`);
    return undefined;
  }

  /** As `Broker.publish` with a history. */
  async append(channel: string, body: string, bounds: HistoryBounds, id = ''): Promise<Position> {
    const { size, bytes, ageMs } = bounds;
    const text = Buffer.from(id).toString('base64url');
    const age = Number.isFinite(ageMs) ? Math.ceil(ageMs) : -1;
    const args = [body, size, bytes, age, this.topic(channel), text, this.commands.publishCommand];
    const answer = await this.run(PUBLISH, channel, args);
    return understood(() => {
      const [epoch, offset] = answer as unknown[];
      return readPosition(epoch, offset);
    });
  }

  /** As `Broker.history`. */
  async read(channel: string, after: Position | undefined): Promise<Replay> {
    const answer = await this.run(HISTORY, channel, [...wanted(after), 1]);
    return understood(() => readReplay(answer));
  }

  /** As `read`, but where there is no history none is begun. */
  async peek(channel: string, after: Position | undefined): Promise<Replay | undefined> {
    const answer = await this.run(HISTORY, channel, [...wanted(after), 0]);
    return answer === null ? undefined : understood(() => readReplay(answer));
  }

  private run(script: Script, channel: string, args: (string | number)[]): Promise<unknown> {
    const { prefix, durability, idleMs } = this.options;
    const epoch = this.epochs + (++this.calls).toString(36);
    return this.commands.run(script, keysOf(prefix, channel), [epoch, durability, idleMs, ...args]);
  }
}

const wanted = (after: Position | undefined): [string, number] => [after?.epoch ?? '', after?.offset ?? 0];
