/** Medians, spreads and ratios over the rounds of a row. */

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const costOf = (turn) => turn.cpuUsPerMessage ?? turn.bytesPerConnection;

export function summary(turns) {
  const costs = turns.map(costOf);
  return { median: median(costs), least: Math.min(...costs), most: Math.max(...costs) };
}

export const medianOf = (turns, key) => median(turns.map((turn) => turn[key]));

/** Each round against the same round of the other, so that a slow minute counts for both. */
export function ratio(turns, others) {
  if (!turns?.length || !others?.length) return undefined;
  const rounds = Math.min(turns.length, others.length);
  const ratios = Array.from({ length: rounds }, (_, at) => costOf(turns[at]) / costOf(others[at]));
  return { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) };
}
