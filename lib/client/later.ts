import { LONGEST_TIMER_MS } from '../errors/index.js';

/** @param ms `Infinity` too */
export function later(then: () => void, ms: number): ReturnType<typeof setTimeout> {
  return setTimeout(then, Math.min(ms, LONGEST_TIMER_MS));
}
