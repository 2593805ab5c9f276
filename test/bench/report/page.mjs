/** Writes the measured part of docs/performance.md, between its two marks, and the charts beside it. */
import { readFileSync, writeFileSync } from 'node:fs';
import prettier from 'prettier';
import { rows } from '../rows.mjs';
import { costChart } from './cost-chart.mjs';
import { isMemory } from './format.mjs';
import { growthChart } from './growth-chart.mjs';
import { aimTable, conditions, costTable, speedTable } from './tables.mjs';

const docs = new URL('../../../docs/', import.meta.url);
const BEGIN = '<!-- bench:begin, written by npm run bench -->';
const END = '<!-- bench:end -->';

function sections(results, work, series) {
  return [
    conditions(results),
    '### Server CPU per message, in microseconds',
    'Median of the rounds (least–most). The last row is memory.',
    costTable(results, work),
    '![Cost of each server at each kind of work](performance-cost.svg)',
    '### Ratios and aims',
    'Median of the ratios of the single rounds (least–most).',
    aimTable(results, work),
    ...growth(results, series),
    '### Throughput and latency',
    speedTable(
      results,
      work.filter((row) => !isMemory(row)),
    ),
  ].join('\n\n');
}

function growth(results, series) {
  const measured = series.filter((list) => list.length > 0);
  if (measured.length === 0) return [];
  return [
    '### How cost grows',
    '![Cost by number of connections and by size of message](performance-growth.svg)',
    ...measured.map((list) => costTable(results, list)),
  ];
}

function between(page, content) {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error('docs/performance.md has lost the marks of the bench');
  return `${page.slice(0, begin + BEGIN.length)}\n\n${content}\n\n${page.slice(end)}`;
}

export async function writeReport(results) {
  const measured = rows.filter((row) => results.rows[row.id] !== undefined);
  const work = measured.filter((row) => row.series === undefined);
  const series = ['connections', 'bytes'].map((name) => measured.filter((row) => row.series === name));
  const page = new URL('performance.md', docs);
  const text = between(readFileSync(page, 'utf8'), sections(results, work, series));
  const style = await prettier.resolveConfig(page);
  writeFileSync(page, await prettier.format(text, { ...style, parser: 'markdown' }));
  writeFileSync(new URL('performance-cost.svg', docs), costChart(results, work));
  if (series.flat().length > 0) {
    writeFileSync(new URL('performance-growth.svg', docs), growthChart(results, series));
  }
}
