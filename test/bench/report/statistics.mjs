/** Medians, spreads and ratios over the rounds of a row. */

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const costOf = (turn) => turn.cpuUsPerMessage ?? turn.bytesPerConnection;

const spreadOf = (values) => ({
  median: median(values),
  least: Math.min(...values),
  most: Math.max(...values),
});

export const summary = (turns) => spreadOf(turns.map(costOf));

export const medianOf = (turns, key) => median(turns.map((turn) => turn[key]));

/** Each round against the same round of the other, so that a slow minute counts for both. */
export function ratio(turns, others) {
  const ratios = (turns ?? []).flatMap((turn) => {
    const other = others?.find(({ round }) => round === turn.round);
    return other === undefined ? [] : [costOf(turn) / costOf(other)];
  });
  if (ratios.length === 0) return undefined;
  return spreadOf(ratios);
}
