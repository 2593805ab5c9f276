import { describe, expect, it } from '@jest/globals';
import { headingTowards } from '../../../../sample/game/simulation/aim.js';
import { moved } from '../../../../sample/game/simulation/motion.js';
import { Random } from '../../../../sample/game/simulation/random.js';
import { ARENA_RADIUS, HEADINGS, REST, STAR_COUNT } from '../../../../sample/game/simulation/rules.js';
import { World } from '../../../../sample/game/simulation/world.js';

const SEED = 20;
const still = { x: 0, y: 0, vx: 0, vy: 0, heading: 0 };

function played(seed: number, ticks: number): World {
  const world = new World(seed);
  const ships = [world.addShip(), world.addShip(), world.addShip()];
  const inputs = new Random(seed);
  for (let i = 0; i < ticks; i++) {
    for (const ship of ships) world.move(ship, inputs.below(HEADINGS + 1) - 1);
  }
  return world;
}

describe('The simulation', () => {
  it('comes to the same state by the same inputs, and to another by another seed', () => {
    const stateOf = ({ ships, stars }: World) => JSON.stringify([[...ships.values()], stars]);
    expect(stateOf(played(SEED, 500))).toBe(stateOf(played(SEED, 500)));
    expect(stateOf(played(SEED, 500))).not.toBe(stateOf(played(SEED + 1, 500)));
  });

  it('keeps ships inside and their state in whole numbers, wherever they push', () => {
    const random = new Random(SEED);
    let body = still;
    for (let i = 0; i < 5_000; i++) {
      const heading = i % 50 === 0 ? random.below(HEADINGS) : body.heading;
      body = moved(body, heading);
      expect(Object.values(body).every(Number.isInteger)).toBe(true);
      expect(body.x ** 2 + body.y ** 2).toBeLessThanOrEqual(ARENA_RADIUS ** 2);
    }
  });

  it('lets a ship that rests glide to a stop and point where it did', () => {
    let body = { ...still, vx: 120, vy: -40, heading: 7 };
    for (let i = 0; i < 200; i++) body = moved(body, REST);
    expect([body.vx, body.vy, body.heading]).toEqual([0, 0, 7]);
    expect(moved(body, REST)).toEqual(body);
  });

  it('counts a star to the ship that reaches it, and puts another one elsewhere', () => {
    const world = new World(SEED);
    const ship = world.addShip();
    const star = world.stars[0]!;
    for (let i = 0; i < 300 && world.stars.includes(star); i++) {
      world.move(ship, headingTowards(star.x - ship.body.x, star.y - ship.body.y));
    }
    expect(world.stars).not.toContain(star);
    expect(ship.score).toBeGreaterThanOrEqual(star.value);
    expect(world.stars).toHaveLength(STAR_COUNT);
  });
});
