/** Writes the measured part of docs/performance.md, between its two marks, and the charts beside it. */
import { writeFileSync } from 'node:fs';
import { rows } from '../rows.mjs';
import { costChart } from './cost-chart.mjs';
import { writeBetween } from './between.mjs';
import { isMemory } from './format.mjs';
import { growthChart } from './growth-chart.mjs';
import { aimTable, conditions, costTable, speedTable } from './tables.mjs';

const docs = new URL('../../../docs/', import.meta.url);

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

export async function writeReport(results) {
  const measured = rows.filter((row) => results.rows[row.id] !== undefined);
  const work = measured.filter((row) => row.series === undefined);
  const series = ['connections', 'bytes'].map((name) => measured.filter((row) => row.series === name));
  await writeBetween('performance.md', 'npm run bench', sections(results, work, series));
  writeFileSync(new URL('performance-cost.svg', docs), costChart(results, work));
  if (series.flat().length > 0) {
    writeFileSync(new URL('performance-growth.svg', docs), growthChart(results, series));
  }
}
