/** Cost over the number of connections and over the size of a message, both axes logarithmic. */
import { contestants } from '../contestants.mjs';
import { summary } from './statistics.mjs';
import { bold, colorOf, drawing, element, label } from './svg.mjs';

const WIDTH = 470;
const HEIGHT = 330;
const plot = { left: 60, right: 320, top: 34, bottom: 285 };
const titles = { connections: 'µs per echo of 32 B, by connections', bytes: 'µs per echo, by bytes' };

const scale = (values, from, to) => {
  const [least, most] = [Math.log(Math.min(...values)), Math.log(Math.max(...values))];
  return (value) => from + ((Math.log(value) - least) / (most - least || 1)) * (to - from);
};

const powersOfTen = (values) => {
  const first = Math.ceil(Math.log10(Math.min(...values)));
  const last = Math.floor(Math.log10(Math.max(...values)));
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => 10 ** (first + index));
};

const whole = (value) => value.toLocaleString('en');

function binary(bytes) {
  if (bytes < 1024) return `${bytes}`;
  return bytes < 2 ** 20 ? `${bytes / 1024} Ki` : `${bytes / 2 ** 20} Mi`;
}

function axes(points, x, y, name) {
  const costs = points.map(({ value }) => value);
  const horizontal = powersOfTen(costs).map((value) => {
    const grid = { x1: plot.left, x2: plot.right, y1: y(value), y2: y(value), stroke: '#d0d7de' };
    return element('line', grid) + label(plot.left - 6, y(value) + 4, whole(value), { 'text-anchor': 'end' });
  });
  const places = [...new Set(points.map(({ at }) => at))];
  const names = places.map((at) => label(x(at), plot.bottom + 20, name(at), { 'text-anchor': 'middle' }));
  return [...horizontal, ...names];
}

/** Names at the right end of the lines, moved apart where they would cover each other. */
function spreadOut(lines) {
  let free = 0;
  for (const line of lines.toSorted((a, b) => a.y - b.y)) {
    line.y = Math.max(line.y, free);
    free = line.y + 13;
  }
}

function curve(id, points, x, y) {
  const path = points.map(({ at, value }) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  return element('polyline', { points: path, fill: 'none', stroke: colorOf(id), 'stroke-width': 2 });
}

function pointsOf(results, rows, id) {
  return rows
    .filter((row) => results.rows[row.id].turns[id]?.length)
    .map((row) => ({ at: row.at, value: summary(results.rows[row.id].turns[id]).median }));
}

function panel(results, rows, index) {
  const lines = contestants
    .map(({ id, title }) => ({ id, title, points: pointsOf(results, rows, id) }))
    .filter(({ points }) => points.length > 0);
  const all = lines.flatMap(({ points }) => points);
  const x = scale(
    all.map(({ at }) => at),
    plot.left,
    plot.right,
  );
  const y = scale(
    all.map(({ value }) => value),
    plot.bottom,
    plot.top,
  );
  for (const line of lines) line.y = y(line.points.at(-1).value) + 4;
  spreadOut(lines);
  const names = lines.map(({ id, title, y: at }) => label(plot.right + 8, at, title, { fill: colorOf(id) }));
  const curves = lines.map(({ id, points }) => curve(id, points, x, y));
  const heading = label(plot.left, 18, titles[rows[0].series], bold);
  const parts = [
    heading,
    ...axes(all, x, y, rows[0].series === 'bytes' ? binary : whole),
    ...curves,
    ...names,
  ];
  return element('g', { transform: `translate(${index * WIDTH} 0)` }, parts.join(''));
}

export function growthChart(results, series) {
  const panels = series.filter((rows) => rows.length > 0).map((rows, index) => panel(results, rows, index));
  return drawing(2 * WIDTH, HEIGHT, 'How the cost of an echo grows: less is better', panels);
}
