/** Numbers and names as they are shown, on the terminal and in the docs alike. */
import { contestants } from '../contestants.mjs';
import { ratio } from './statistics.mjs';

export function short(value) {
  if (value >= 1000) return Math.round(value).toLocaleString('en');
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

export const isMemory = (row) => row.kind === 'idle';
export const titleOf = (id) => contestants.find((contestant) => contestant.id === id).title;

/** A cost in the unit of its row: microseconds, or kilobytes. */
export const cost = (row, value) => short(isMemory(row) ? value / 1000 : value);

const withSpread = (show, { median, least, most }) => `${show(median)} (${show(least)}–${show(most)})`;
export const costWithSpread = (row, summary) => withSpread((value) => cost(row, value), summary);

/** How a contestant stands to its aim at this row, or undefined where it has none. */
export function verdict(row, turns, id) {
  const aim = row.aims?.[id];
  const reached = aim && ratio(turns[id], turns[aim[0]]);
  if (!reached) return undefined;
  const [other, most] = aim;
  return { other, most, ratios: withSpread(short, reached), met: reached.median <= most };
}
