import { HEADINGS } from './rules.js';

interface Place {
  readonly x: number;
  readonly y: number;
}

/** The heading that is nearest to the direction. */
export function headingTowards(x: number, y: number): number {
  const turn = Math.atan2(y, x) / (2 * Math.PI);
  return (Math.round(turn * HEADINGS) + HEADINGS) % HEADINGS;
}

export function nearestTo<T extends Place>(from: Place, places: readonly T[]): T | undefined {
  let nearest: T | undefined;
  let least = Infinity;
  for (const place of places) {
    const distance = (place.x - from.x) ** 2 + (place.y - from.y) ** 2;
    if (distance < least) [nearest, least] = [place, distance];
  }
  return nearest;
}
