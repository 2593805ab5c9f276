import { randomInt, randomUUID } from 'node:crypto';
import { Injectable, Logger, type OnModuleDestroy, ServiceUnavailableException } from '@nestjs/common';
import { type Channel, Channels } from 'nestwire';
import { Arena } from './arena.js';
import { FixedLoop } from './fixed-loop.js';
import { MAX_PILOTS } from './game.limits.js';
import { type Input, type Load, type Roster, type Snapshot } from './game.protocol.js';
import { type Pilot } from './pilot.js';
import { TICK_MS } from './simulation/rules.js';
import { TickTimes } from './tick-times.js';

/**
 * Each process has an arena of its own, and its channels are named after it: processes that share a broker
 * do not hear of each other's ships. The arena stands still while nobody looks.
 */
@Injectable()
export class GameService implements OnModuleDestroy {
  /** Everybody here gets all three. Whoever reads slowly gets the latest snapshot, and no older ones. */
  readonly snapshots: Channel<Snapshot>;
  readonly rosters: Channel<Roster>;
  readonly loads: Channel<Load>;
  readonly tickTimes = new TickTimes();
  private readonly logger = new Logger(GameService.name);
  private readonly arena = new Arena(randomInt(2 ** 32));
  private readonly loop = new FixedLoop(TICK_MS, () => this.tick());
  private watchers = 0;

  constructor(channels: Channels) {
    const name = `game:${randomUUID()}`;
    this.snapshots = channels.channel(name, { event: 'snapshot', overflow: 'latest' });
    this.rosters = channels.channel(`${name}:roster`, { event: 'roster' });
    this.loads = channels.channel(`${name}:load`, { event: 'load', overflow: 'latest' });
  }

  get roster(): Roster {
    return this.arena.roster;
  }

  get shipCount(): number {
    return this.arena.shipCount;
  }

  /** The arena moves from the first who comes until the last is gone, and bots do not stay behind. */
  watch(): void {
    this.watchers++;
    this.loop.start();
  }

  unwatch(): void {
    if (--this.watchers > 0) return;
    this.loop.stop();
    this.arena.setBots(false);
  }

  enter(name: string): Pilot {
    if (this.arena.pilots.size >= MAX_PILOTS) {
      throw new ServiceUnavailableException(`There are ${MAX_PILOTS} ships already`);
    }
    const pilot = this.arena.enter(name);
    this.publish(this.rosters, this.roster);
    return pilot;
  }

  /** Not one who was taken off because of doing nothing. */
  has(pilot: Pilot): boolean {
    return this.arena.pilots.get(pilot.ship.id) === pilot;
  }

  leave(pilot: Pilot): void {
    if (this.arena.leave(pilot)) this.publish(this.rosters, this.roster);
  }

  steer(pilot: Pilot, input: Input): void {
    pilot.push(input);
  }

  setBots(on: boolean): void {
    this.arena.setBots(on);
    this.publish(this.rosters, this.roster);
  }

  onModuleDestroy(): void {
    this.loop.stop();
  }

  tellLoad(load: Load): void {
    this.publish(this.loads, load);
  }

  private tick(): void {
    const startedAt = performance.now();
    const gone = this.arena.step();
    this.publish(this.snapshots, this.arena.snapshot);
    if (gone.length > 0) this.publish(this.rosters, this.roster);
    this.tickTimes.add(performance.now() - startedAt);
  }

  /** Nobody waits for a publication here: the next one says it all again. */
  private publish<T>(channel: Channel<T>, data: T): void {
    channel.publish(data).catch((error: unknown) => this.logger.warn(String(error)));
  }
}
