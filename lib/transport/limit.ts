/** Limits as applications set them. */
import { LONGEST_TIMER_MS } from '../errors/index.js';

/** As `limit`, for a time in milliseconds: `Infinity` is the longest that a timer can wait. */
export function timeLimit(name: string, given: number | undefined, otherwise: number): number {
  return Math.min(limit(name, given, otherwise), LONGEST_TIMER_MS);
}

/**
 * What an application set, or the default; `Infinity` switches a limit off.
 * @throws RangeError for what is not a number of at least 0
 */
export function limit(name: string, given: number | undefined, otherwise: number): number {
  if (given === undefined) return otherwise;
  if (typeof given === 'number' && given >= 0) return given;
  throw new RangeError(`${name} must be a number of at least 0, not ${String(given)}`);
}
