/**
 * What was measured, kept beside the bench: a row can be measured again without the others. Results
 * of another machine or another Node are dropped, never mixed.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { arch, cpus, release } from 'node:os';
import { contestants, isInstalled, versionOf } from '../contestants.mjs';

const file = new URL('../results.json', import.meta.url);

const versions = () =>
  Object.fromEntries(contestants.filter(isInstalled).map((each) => [each.id, versionOf(each)]));

export const machine = () => ({
  cpu: cpus()[0].model.trim(),
  kernel: `Linux ${release().split('-')[0]} ${arch()}`,
  node: process.version,
});

export function loadResults() {
  const empty = { machine: machine(), versions: versions(), rows: {} };
  if (!existsSync(file)) return empty;
  const stored = JSON.parse(readFileSync(file, 'utf8'));
  const sameMachine = JSON.stringify(stored.machine) === JSON.stringify(empty.machine);
  return sameMachine ? { ...stored, versions: empty.versions } : empty;
}

const rounded = (turn) =>
  Object.fromEntries(Object.entries(turn).map(([key, value]) => [key, Number(value.toPrecision(4))]));

export function saveRow(row, byContestant) {
  const results = loadResults();
  const date = new Date().toISOString().slice(0, 10);
  const turns = Object.fromEntries(Object.entries(byContestant).map(([id, list]) => [id, list.map(rounded)]));
  results.rows[row.id] = { date, turns };
  writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`);
}
