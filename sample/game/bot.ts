import { headingTowards, nearestTo } from './simulation/aim.js';
import { type Random } from './simulation/random.js';
import { HEADINGS } from './simulation/rules.js';
import { type Ship, type World } from './simulation/world.js';

/** Looks round every so many ticks: it is no better than people are. */
const LOOK_EVERY = 9;
/** Steers this far beside its star, at most. */
const WOBBLE = 5;

/** Plays by heading for the nearest star. */
export class Bot {
  private heading = 0;
  private readonly phase: number;

  constructor(
    readonly ship: Ship,
    private readonly random: Random,
  ) {
    this.phase = random.below(LOOK_EVERY);
  }

  play(world: World, tick: number): void {
    if (tick % LOOK_EVERY === this.phase) this.look(world);
    world.move(this.ship, this.heading);
  }

  private look(world: World): void {
    const { body } = this.ship;
    const star = nearestTo(body, world.stars);
    if (!star) return;
    const wobble = this.random.below(2 * WOBBLE + 1) - WOBBLE;
    this.heading = (headingTowards(star.x - body.x, star.y - body.y) + wobble + HEADINGS) % HEADINGS;
  }
}
