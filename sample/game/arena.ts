import { Bot } from './bot.js';
import { BOT_COUNT } from './game.limits.js';
import { type Roster, type ShipState, type Snapshot } from './game.protocol.js';
import { Pilot } from './pilot.js';
import { Random } from './simulation/random.js';
import { type Ship, World } from './simulation/world.js';

/** The game itself, tick by tick: no clock, no network. */
export class Arena {
  /** By ship. */
  readonly pilots = new Map<number, Pilot>();
  private readonly world: World;
  private readonly random: Random;
  private bots: Bot[] = [];
  private tick = 0;

  constructor(seed: number) {
    this.world = new World(seed);
    this.random = new Random(seed + 1);
  }

  get roster(): Roster {
    const pilots = Array.from(this.pilots, ([ship, { name }]) => ({ ship, name }));
    return { pilots, bots: this.bots.length > 0 };
  }

  get shipCount(): number {
    return this.world.ships.size;
  }

  get snapshot(): Snapshot {
    const { ships, stars } = this.world;
    return {
      tick: this.tick,
      ships: Array.from(ships.values(), (ship) => this.stateOf(ship)),
      stars: stars.map(({ id, x, y, value }) => [id, x, y, value]),
    };
  }

  enter(name: string): Pilot {
    const pilot = new Pilot(this.world.addShip(), name);
    this.pilots.set(pilot.ship.id, pilot);
    return pilot;
  }

  /** @returns whether there was such a pilot */
  leave({ ship }: Pilot): boolean {
    this.world.removeShip(ship.id);
    return this.pilots.delete(ship.id);
  }

  setBots(on: boolean): void {
    for (const { ship } of this.bots) this.world.removeShip(ship.id);
    const count = on ? BOT_COUNT : 0;
    this.bots = Array.from({ length: count }, () => new Bot(this.world.addShip(), this.random));
  }

  /** @returns those who did nothing for long, and have been taken off */
  step(): Pilot[] {
    this.tick++;
    for (const pilot of this.pilots.values()) {
      for (const heading of pilot.take()) this.world.move(pilot.ship, heading);
    }
    for (const bot of this.bots) bot.play(this.world, this.tick);
    return [...this.pilots.values()].filter((pilot) => pilot.isIdle && this.leave(pilot));
  }

  private stateOf({ id, body, score }: Ship): ShipState {
    const { x, y, vx, vy, heading } = body;
    return [id, x, y, vx, vy, heading, score, this.pilots.get(id)?.seq ?? 0];
  }
}
