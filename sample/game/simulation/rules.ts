/**
 * The measures of the game. Lengths are whole numbers, 16 of them a point on a screen of usual size, so that
 * the server and every page get the same from the same inputs, and what travels is short.
 */
export const TICKS_PER_SECOND = 30;
export const TICK_MS = 1000 / TICKS_PER_SECOND;

export const ARENA_RADIUS = 9_600;
export const SHIP_RADIUS = 300;
export const STAR_RADIUS = 220;
export const STAR_COUNT = 26;

/** A star in so many is worth more. */
export const BRIGHT_STAR_OF = 6;
export const BRIGHT_STAR_VALUE = 5;

/** Headings go round from 0, to the right, by way of a quarter, down. */
export const HEADINGS = 64;
/** The heading of a ship that does not push. */
export const REST = -1;
