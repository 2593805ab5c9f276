import { type StarState } from '../../game/game.protocol.js';
import { headingTowards, nearestTo } from '../../game/simulation/aim.js';
import { HEADINGS, SHIP_RADIUS } from '../../game/simulation/rules.js';

const EIGHTH = HEADINGS / 8;

export interface Sighting {
  /** Eighths of a turn: 0 right, 2 down, 4 left, 6 up. */
  readonly direction: number;
  /** In lengths of a ship. */
  readonly distance: number;
}

/** The nearest star, for those who do not see it. */
export function sightFrom(from: { x: number; y: number }, stars: readonly StarState[]): Sighting | undefined {
  const star = nearestTo(
    from,
    stars.map(([, x, y]) => ({ x, y })),
  );
  if (!star) return undefined;
  const [dx, dy] = [star.x - from.x, star.y - from.y];
  const direction = Math.round(headingTowards(dx, dy) / EIGHTH) % 8;
  return { direction, distance: Math.round(Math.hypot(dx, dy) / (2 * SHIP_RADIUS)) };
}
