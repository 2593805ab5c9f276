/**
 * What a timer can wait; it takes anything longer for nothing. Here since every layer refuses longer times, or
 * waits no longer.
 */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;
