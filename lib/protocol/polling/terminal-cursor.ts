/**
 * The cursor after the last event of a stream that has ended. Whoever comes with it has everything, so it
 * answers itself, also when nobody remembers the stream any more.
 */

const TERMINAL = /^1\.[A-Za-z0-9_-]{1,40}\.done$/;

/** @param epoch of the stream's history; a stream without one has none */
export const terminalCursor = (epoch = 'stream'): string => `1.${epoch}.done`;

export const isTerminalCursor = (cursor: string): boolean => TERMINAL.test(cursor);
