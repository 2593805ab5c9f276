/** What a timer can wait; it takes anything longer for nothing. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** @param ms `Infinity` too */
export function later(then: () => void, ms: number): ReturnType<typeof setTimeout> {
  return setTimeout(then, Math.min(ms, LONGEST_TIMER_MS));
}
