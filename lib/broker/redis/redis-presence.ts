import { randomBytes } from 'node:crypto';
import {
  type BrokerPresence,
  type BrokerSubscription,
  type Position,
  type PresenceChange,
  type PresenceState,
  type PresentPerson,
  type Replay,
} from '../../channel/index.js';
import { readChange, readPosition, readState, understood } from './foreign.js';
import { presenceKeysOf, presenceTopicOf } from './names.js';
import { OwnPeople, type Statement } from './own-people.js';
import { READ, SYNC } from './presence-scripts.js';
import type { RedisCommands } from './redis-commands.js';
import type { RedisSubscriptions } from './redis-subscriptions.js';
import type { TopicHistory } from './redis-topic.js';
import type { ResolvedRedisOptions } from './resolve-options.js';
import type { Script } from './scripts.js';

const NODE_BYTES = 9;
/** How often a process says that it lives, in the time after which it is taken for dead. */
const SIGNS_OF_LIFE = 3;
/** Channels of which it says so at the same time. */
const AT_ONCE = 100;
const NOWHERE: Position = { epoch: '-', offset: 0 };

/** A channel with people of this process, or with somebody here who wants to be told. */
interface Room {
  readonly own: OwnPeople;
  watchers: number;
}

/** Who is in which channel, of all processes. */
export class RedisPresence implements BrokerPresence {
  /** This process, which others take for dead when it is silent. */
  private readonly node = randomBytes(NODE_BYTES).toString('base64url');
  private readonly rooms = new Map<string, Room>();
  private readonly intervalMs: number;
  private calls = 0;
  private beat: NodeJS.Timeout | undefined;
  private beatenAt = 0;
  private closed = false;

  constructor(
    private readonly options: ResolvedRedisOptions,
    private readonly commands: RedisCommands,
    private readonly subscriptions: RedisSubscriptions,
  ) {
    this.intervalMs = Math.ceil(options.presenceMs / SIGNS_OF_LIFE);
    commands.connection.onReady(() => void this.syncAll());
  }

  async enter(channel: string, person: PresentPerson, size: number): Promise<void> {
    if (!this.closed) await this.room(channel).own.enter(person, size);
  }

  async leave(channel: string, key: string): Promise<void> {
    const room = this.rooms.get(channel);
    if (!room) return;
    await room.own.leave(key);
    this.forgetEmpty(channel, room);
  }

  async read(channel: string): Promise<PresenceState> {
    const answer = await this.run(READ, channel, [1]);
    return answer === null ? { people: [], position: NOWHERE } : understood(() => readState(answer));
  }

  watch(channel: string, changed: (change: PresenceChange) => void, lost: () => void): BrokerSubscription {
    const room = this.room(channel);
    room.watchers++;
    const subscription = this.subscriptions.subscribe(this.topic(channel), () => this.historyOf(channel), {
      deliver: (publication) => {
        const change = readChange(publication);
        if (change) changed(change);
      },
      lost,
    });
    let isOpen = true;
    const close = (): void => {
      subscription.close();
      if (isOpen) room.watchers--;
      isOpen = false;
      this.forgetEmpty(channel, room);
    };
    return {
      get ready() {
        return subscription.ready;
      },
      close,
    };
  }

  private topic(channel: string): string {
    return presenceTopicOf(this.options.prefix, this.commands.db, channel);
  }

  /** Changes are in no history: whoever missed one reads who is there. */
  private historyOf(channel: string): TopicHistory {
    const peek = async (after: Position | undefined): Promise<Replay | undefined> => {
      const answer = await this.run(READ, channel, [0]);
      if (answer === null) return undefined;
      const [epoch, version] = answer as unknown[];
      const position = understood(() => readPosition(epoch, version));
      const recovered = after?.epoch === position.epoch && after.offset === position.offset;
      return { recovered, publications: [], position };
    };
    const read = async (after: Position): Promise<Replay> =>
      (await peek(after)) ?? { recovered: false, publications: [], position: NOWHERE };
    return { peek, read };
  }

  private room(channel: string): Room {
    let room = this.rooms.get(channel);
    if (!room) {
      const own = new OwnPeople((statement) => this.state(channel, statement));
      this.rooms.set(channel, (room = { own, watchers: 0 }));
    }
    if (!this.closed) this.beginToBeat();
    return room;
  }

  private forgetEmpty(channel: string, room: Room): void {
    if (room.watchers === 0 && room.own.isEmpty && this.rooms.get(channel) === room)
      this.rooms.delete(channel);
    if (this.rooms.size > 0) return;
    clearInterval(this.beat);
    this.beat = undefined;
  }

  private async state(channel: string, statement: Statement): Promise<readonly string[] | undefined> {
    const { size, isHere, isAll, gone, came } = statement;
    const people = came.flatMap(({ key, info }) => [key, JSON.stringify(info)]);
    const args = [
      this.options.presenceMs,
      size,
      Number(isHere),
      Number(isAll),
      gone.length,
      ...gone,
      ...people,
    ];
    const refused = await this.run(SYNC, channel, args);
    return Array.isArray(refused) ? refused.map(String) : undefined;
  }

  private run(script: Script, channel: string, args: readonly (string | number)[]): Promise<unknown> {
    const epoch = `${this.node}${(++this.calls).toString(36)}`;
    const keys = presenceKeysOf(this.options.prefix, channel);
    return this.commands.run(script, keys, [
      this.topic(channel),
      this.node,
      epoch,
      this.commands.publishCommand,
      ...args,
    ]);
  }

  private beginToBeat(): void {
    if (this.beat) return;
    this.beatenAt = performance.now();
    this.beat = setInterval(() => {
      // after a freeze: who left meanwhile is about to be noticed, and need not be told of as present again
      const isLate = performance.now() - this.beatenAt > this.options.presenceMs;
      this.beatenAt = performance.now();
      if (!isLate) void this.syncAll();
    }, this.intervalMs).unref();
  }

  /** Where nobody is, it is still looked whether other processes live. */
  private async syncAll(): Promise<void> {
    const rooms = [...this.rooms.values()];
    for (let i = 0; i < rooms.length; i += AT_ONCE) {
      await Promise.all(rooms.slice(i, i + AT_ONCE).map(({ own }) => own.sync()));
    }
  }

  /** Settles when Redis knows that nobody of this process is there any more; if it can be reached. */
  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.beat);
    if (!this.commands.connection.isReady) return;
    const rooms = [...this.rooms.values()].filter(({ own }) => !own.isEmpty);
    await Promise.all(rooms.map(({ own }) => own.leaveAll()));
    this.rooms.clear();
  }
}
