/** The tables of a run, which stand in docs/reliability.md between two marks. */
import { readFileSync, writeFileSync } from 'node:fs';
import prettier from 'prettier';
import { isKept } from './checker.js';
import type { Durations } from './fault.js';
import type { FaultRow } from './run-fault.js';
import type { StageOptions } from './stage.js';

const PAGE = new URL('../../docs/reliability.md', import.meta.url);
const BEGIN = '<!-- faults:begin, written by npm run test:faults -->';
const END = '<!-- faults:end -->';
const MIB = 1024 * 1024;

export type Conditions = Omit<StageOptions, 'durability'> & Durations;

const PROMISE_COLUMNS: readonly [head: string, cell: (row: FaultRow) => string | number][] = [
  ['fault', ({ fault }) => fault.name],
  ['how', ({ fault }) => fault.recipe],
  ['acknowledged', ({ acknowledged }) => acknowledged],
  ['failed', ({ failed }) => failed],
  ['received', ({ verdict }) => verdict.received],
  ['gaps told', ({ verdict }) => verdict.gaps],
  ['of which acknowledged', ({ verdict }) => verdict.covered],
  ['lost, twice, out of order', ({ verdict }) => (isKept(verdict) ? 'none' : verdict.examples.join('; '))],
  ['left behind', ({ behind }) => behind.length],
];

const COST_COLUMNS: typeof PROMISE_COLUMNS = [
  ['fault', ({ fault }) => fault.name],
  ['had to reconnect', ({ reconnected }) => reconnected],
  ['all have everything after', ({ settledMs }) => `${(settledMs / 1_000).toFixed(1)} s`],
  ['p50 of the others', ({ p50Ms }) => ms(p50Ms)],
  ['p99 of the others', ({ p99Ms }) => ms(p99Ms)],
  ['memory of the nodes', ({ before, after }) => `${mib(before.rssBytes)} → ${mib(after.rssBytes)} MiB`],
  ['of it in use', ({ before, after }) => `${mib(before.heldBytes)} → ${mib(after.heldBytes)} MiB`],
  ['their sockets', ({ before, after }) => `${before.sockets} → ${after.sockets}`],
];

const ms = (value: number | undefined): string => (value === undefined ? '–' : `${value.toFixed(1)} ms`);
const mib = (bytes: number): string => (bytes / MIB).toFixed(0);

function table(columns: typeof PROMISE_COLUMNS, rows: readonly FaultRow[]): string {
  const lines = [
    columns.map(([head]) => head),
    columns.map(() => '---'),
    ...rows.map((row) => columns.map(([, cell]) => String(cell(row)).replaceAll('|', '\\|'))),
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function conditions({ clients, channels, rate, seed, loadS, freezeS, outageS }: Conditions): string {
  return (
    `${clients} clients, a quarter on each transport, in ${channels} channels; ${rate} publications a second; ` +
    `seed ${seed}; load for ${loadS} s before and after each fault; what is frozen, slow or silent is so for ` +
    `${freezeS} s, and Redis is away for ${outageS} s. Node ${process.version}, ${process.platform}.`
  );
}

export function report(rows: readonly FaultRow[], given: Conditions): string {
  return [
    conditions(given),
    '### The promise',
    table(PROMISE_COLUMNS, rows),
    '### What it costs',
    table(COST_COLUMNS, rows),
  ].join('\n\n');
}

export async function writeReport(content: string): Promise<void> {
  const page = readFileSync(PAGE, 'utf8');
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error('docs/reliability.md has lost the marks of the fault matrix');
  const text = `${page.slice(0, begin + BEGIN.length)}\n\n${content}\n\n${page.slice(end)}`;
  const style = await prettier.resolveConfig(PAGE);
  writeFileSync(PAGE, await prettier.format(text, { ...style, parser: 'markdown' }));
}
