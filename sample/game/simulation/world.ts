import { type Body, moved } from './motion.js';
import { Random } from './random.js';
import {
  ARENA_RADIUS,
  BRIGHT_STAR_OF,
  BRIGHT_STAR_VALUE,
  HEADINGS,
  SHIP_RADIUS,
  STAR_COUNT,
  STAR_RADIUS,
} from './rules.js';

export interface Star {
  readonly id: number;
  readonly x: number;
  readonly y: number;
  readonly value: number;
}

export interface Ship {
  readonly id: number;
  body: Body;
  score: number;
}

const CATCH_DISTANCE = SHIP_RADIUS + STAR_RADIUS;
/** Neither ships nor stars begin nearer to the rim than this. */
const MARGIN = 700;

/** Ships and stars. The same calls with the same seed lead to the same state, on every machine. */
export class World {
  readonly ships = new Map<number, Ship>();
  stars: Star[] = [];
  private readonly random: Random;
  private lastId = 0;

  constructor(seed: number) {
    this.random = new Random(seed);
    while (this.stars.length < STAR_COUNT) this.stars.push(this.newStar());
  }

  addShip(): Ship {
    const body = { ...this.anyPlace(), vx: 0, vy: 0, heading: this.random.below(HEADINGS) };
    const ship = { id: ++this.lastId, body, score: 0 };
    this.ships.set(ship.id, ship);
    return ship;
  }

  removeShip(id: number): void {
    this.ships.delete(id);
  }

  /** One tick of one ship, which catches the stars that it reaches. */
  move(ship: Ship, heading: number): void {
    ship.body = moved(ship.body, heading);
    for (const [i, star] of this.stars.entries()) {
      if (!reaches(ship.body, star)) continue;
      ship.score += star.value;
      this.stars[i] = this.newStar();
    }
  }

  private newStar(): Star {
    const value = this.random.below(BRIGHT_STAR_OF) === 0 ? BRIGHT_STAR_VALUE : 1;
    return { id: ++this.lastId, ...this.anyPlace(), value };
  }

  private anyPlace(): { x: number; y: number } {
    const reach = ARENA_RADIUS - MARGIN;
    for (;;) {
      const [x, y] = [this.random.below(2 * reach) - reach, this.random.below(2 * reach) - reach];
      if (x * x + y * y <= reach * reach) return { x, y };
    }
  }
}

function reaches(body: Body, star: Star): boolean {
  const [dx, dy] = [star.x - body.x, star.y - body.y];
  return dx * dx + dy * dy <= CATCH_DISTANCE * CATCH_DISTANCE;
}
