/** One panel a row, one bar a contestant: each panel has its own scale. */
import { contestants } from '../contestants.mjs';
import { cost, isMemory } from './format.mjs';
import { summary } from './statistics.mjs';
import { bold, colorOf, drawing, element, label } from './svg.mjs';

const COLUMNS = 2;
const PANEL_WIDTH = 470;
const LINE = 17;
const NAME_WIDTH = 150;
const BAR_WIDTH = 230;
const PANEL_HEIGHT = 36 + LINE * contestants.length;

function bar(row, id, title, value, most, y) {
  const width = Math.max(1, (value / most) * BAR_WIDTH);
  return [
    label(NAME_WIDTH - 8, y + 11, title, { 'text-anchor': 'end' }),
    element('rect', { x: NAME_WIDTH, y, width, height: LINE - 4, fill: colorOf(id) }),
    label(NAME_WIDTH + width + 6, y + 11, cost(row, value)),
  ].join('');
}

function panel(results, row, index) {
  const { turns } = results.rows[row.id];
  const present = contestants.filter(({ id }) => turns[id]?.length);
  const values = present.map(({ id }) => summary(turns[id]).median);
  const unit = isMemory(row) ? 'KB' : 'µs';
  const bars = present.map(({ id, title }, at) =>
    bar(row, id, title, values[at], Math.max(...values), 24 + at * LINE),
  );
  const x = (index % COLUMNS) * PANEL_WIDTH + 10;
  const y = Math.floor(index / COLUMNS) * PANEL_HEIGHT + 10;
  const heading = label(8, 14, `${row.title}, ${unit}`, bold);
  return element('g', { transform: `translate(${x} ${y})` }, heading + bars.join(''));
}

export function costChart(results, rows) {
  const panels = rows.map((row, index) => panel(results, row, index));
  const height = Math.ceil(rows.length / COLUMNS) * PANEL_HEIGHT + 10;
  const title = 'Server CPU per message, and memory of an idle connection: less is better';
  return drawing(COLUMNS * PANEL_WIDTH, height, title, panels);
}
