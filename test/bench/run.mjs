/**
 * `npm run bench`: every contestant at every row, and the results into docs/performance.md.
 *
 *   --row <id>     only this row (may be repeated)
 *   --only <id>    only this contestant (may be repeated); nothing is written to docs/
 *   --rounds <n>   how often each contestant has its turn at a row (5)
 *   --seconds <n>  how long each turn is timed (1.5)
 *   --attempts <n> how often a turn is made while others disturb it (4)
 *   --quick        one short turn each, to see that everything works; nothing is written to docs/
 *   --report       write docs/ again from the results of earlier runs, without measuring
 *   --no-build     measure dist/ as it is
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism, platform } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { contestants, isInstalled } from './contestants.mjs';
import { writeReport } from './report/page.mjs';
import { loadResults, saveRow } from './report/results.mjs';
import { printRow } from './report/terminal.mjs';
import { rows } from './rows.mjs';
import { takeTurn } from './turn.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const others = fileURLToPath(new URL('./others', import.meta.url));

const { values: flags } = parseArgs({
  options: {
    row: { type: 'string', multiple: true },
    only: { type: 'string', multiple: true },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '1.5' },
    attempts: { type: 'string', default: '4' },
    quick: { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
    'no-build': { type: 'boolean', default: false },
  },
});

const rounds = flags.quick ? 1 : Number(flags.rounds);
const attempts = flags.quick ? 1 : Number(flags.attempts);
const seconds = flags.quick ? 0.3 : Number(flags.seconds);
const toBeWritten = flags.only === undefined && !flags.quick;

function stopUnless(condition, sentence) {
  if (condition) return;
  console.error(sentence);
  process.exit(1);
}

function known(ids, list) {
  for (const id of ids ?? []) {
    const choices = list.map((item) => item.id).join(', ');
    stopUnless(
      list.some((item) => item.id === id),
      `Unknown: ${id}. There are: ${choices}.`,
    );
  }
  return list.filter((item) => ids === undefined || ids.includes(item.id));
}

function npm(...args) {
  const { status, stderr } = spawnSync('npm', args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) console.error(stderr.split('\n').slice(0, 10).join('\n'));
  return status === 0;
}

function prepare() {
  stopUnless(
    platform() === 'linux' && spawnSync('taskset', ['-V']).status === 0,
    'The bench needs Linux and taskset: processes are pinned to cores and their CPU time is read from /proc.',
  );
  stopUnless(availableParallelism() > 1, 'The bench needs two cores: one for the server, one for the load.');
  if (!flags['no-build']) stopUnless(npm('run', 'build'), 'The build failed.');
  if (!existsSync(`${others}/node_modules`) && !npm('--prefix', others, 'ci')) {
    console.log('The other contestants could not be installed; going on with those that are there.');
  }
}

function present(list) {
  for (const contestant of list.filter((each) => !isInstalled(each))) {
    console.log(`${contestant.title} is left out: it is not installed.`);
  }
  return list.filter(isInstalled);
}

const takesPart = (row) => (contestant) =>
  !(row.deflate && contestant.cannotDeflate) && (row.only === undefined || row.only.includes(contestant.id));

/**
 * A B C A B C: what disturbs the machine for a while disturbs all of them. Who fails has no further
 * turn at this row.
 */
async function measureRow(row, list) {
  const results = Object.fromEntries(list.map(({ id }) => [id, []]));
  const failed = new Set();
  for (let round = 0; round < rounds; round++) {
    for (const { id, title } of list.filter((each) => !failed.has(each.id))) {
      const turn = await takeTurn({ contestant: id, row: row.id, seconds }, attempts);
      if (turn.error === undefined) results[id].push({ round, ...turn });
      else {
        failed.add(id);
        console.log(`${title}, ${row.title}, round ${round}: ${turn.error}`);
      }
    }
  }
  return results;
}

async function measure(wanted, chosen) {
  const list = present(chosen);
  for (const row of wanted) {
    const results = await measureRow(row, list.filter(takesPart(row)));
    printRow(row, results);
    if (toBeWritten) saveRow(row, results);
  }
}

async function report() {
  const results = loadResults();
  stopUnless(Object.keys(results.rows).length > 0, 'Nothing was measured on this machine yet.');
  await writeReport(results);
}

const wanted = known(flags.row, rows);
const chosen = known(flags.only, contestants);
if (!flags.report) {
  prepare();
  await measure(wanted, chosen);
}
if (flags.report || toBeWritten) await report();
