/**
 * The promise, while things break: three nodes, clients over all transports, and a checker that reads what
 * publishers and readers wrote down. `npm run test:faults` does it with all faults and more of everything, and
 * writes docs/reliability.md.
 */
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { seed } from '../support/seed.js';
import type { Durations, Fault } from './fault.js';
import { ALL, SHORT } from './faults/index.js';
import { noFault } from './faults/no-fault.js';
import { report, writeReport } from './report.js';
import { type FaultRow, runFault } from './run-fault.js';
import { type Resources, Stage } from './stage.js';

const { FAULTS_CLIENTS, FAULTS_CHANNELS, FAULTS_RATE, FAULTS_LOAD_S, FAULTS_FREEZE_S, FAULTS_OUTAGE_S } =
  process.env;
const { FAULTS_ONLY = '', FAULTS_REPORT } = process.env;
const isLong = process.env['FAULTS'] === 'all';

const size = {
  clients: Number(FAULTS_CLIENTS ?? (isLong ? 300 : 30)),
  channels: Number(FAULTS_CHANNELS ?? (isLong ? 20 : 5)),
  rate: Number(FAULTS_RATE ?? (isLong ? 500 : 100)),
  seed,
};
const durations: Durations = {
  loadS: Number(FAULTS_LOAD_S ?? (isLong ? 3 : 0.5)),
  freezeS: Number(FAULTS_FREEZE_S ?? 5),
  outageS: Number(FAULTS_OUTAGE_S ?? 30),
};
const faults = (isLong ? ALL : SHORT).filter(({ name }) => name.includes(FAULTS_ONLY));
const rows: FaultRow[] = [];

/** Of a machine that runs everything, and is busy with other work too. */
const NOISE_MS = 10_000;

/** How long publications may take to those who kept their connection: twice as long as without the fault. */
function longestMs({ delayS }: Fault): number {
  const usual = rows.find(({ fault }) => fault === noFault)?.p99Ms ?? 0;
  return 2 * usual + 1_000 * (delayS?.(durations) ?? 0) + NOISE_MS;
}

jest.setTimeout(240_000);

const byDurability = (['memory', 'always'] as const)
  .map(
    (durability) =>
      [durability, faults.filter((fault) => (fault.durability ?? 'memory') === durability)] as const,
  )
  .filter(([, mine]) => mine.length > 0);

describe.each(byDurability)(`With durability %s, seed ${seed}, the promise holds`, (durability, mine) => {
  let stage: Stage;
  let baseline: Resources;

  beforeAll(async () => {
    stage = await Stage.start({ ...size, durability });
    baseline = await stage.resources();
  });

  afterAll(() => stage?.stop());

  it.each(mine.map((fault): [string, Fault] => [fault.name, fault]))('when %s', async (_name, fault) => {
    const row = await runFault(stage, fault, durations, baseline);
    rows.push(row);
    const { verdict, behind, acknowledged, excess, p99Ms = 0 } = row;
    expect(verdict.examples).toEqual([]);
    expect(behind).toEqual([]);
    // every reader has a log, and it was not empty
    expect(verdict.received + verdict.covered).toBeGreaterThanOrEqual(size.clients);
    expect(acknowledged).toBeGreaterThan(size.channels);
    if (fault.gaps === 'none') expect(verdict.gaps).toBe(0);
    if (fault.gaps === 'must') expect(verdict.gaps).toBeGreaterThanOrEqual(size.clients);
    expect(excess).toEqual([]);
    if (isLong) expect(p99Ms).toBeLessThan(longestMs(fault));
  });
});

afterAll(async () => {
  if (!isLong) return;
  const tables = report(rows, { ...size, ...durations });
  process.stdout.write(`${tables}\n`);
  if (FAULTS_REPORT && rows.length === ALL.length) await writeReport(tables);
});
