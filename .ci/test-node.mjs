/**
 * The tests on other versions of Node, with interpreters from npm, and without anything optional:
 *
 *   npm run test:node                          all of them on Node 20, 22, 24 and 26
 *   npm run test:node -- 22 test/hostile       some of them on one
 *   npm run test:node -- --without-optional    on this Node, in a copy without optional packages and peers
 *
 * Numbers are major versions, all else goes to Jest. Fails when one fails.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeBareCopy, specsThatNeed } from './bare-copy.mjs';
import { interpreter } from './interpreters.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const JEST = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js'];
const BARE = '--without-optional';

const given = process.argv.slice(2);
const majors = given.filter((arg) => /^\d+$/.test(arg));
const forJest = given.filter((arg) => !majors.includes(arg) && arg !== BARE);

const runs = given.includes(BARE)
  ? [withoutOptional()]
  : onEach(majors.length > 0 ? majors : [20, 22, 24, 26]);
console.table(runs);
process.exitCode = runs.every(({ result }) => result === 'passed') ? 0 : 1;

function onEach(versions) {
  return versions.map((major) => runSuite(interpreter(major), ROOT, forJest));
}

function withoutOptional() {
  const { copy, absent } = makeBareCopy(ROOT);
  try {
    const leftOut = specsThatNeed(absent, specs(copy), copy);
    console.log(
      `without ${absent.join(', ') || 'optional packages'}; left out, since they need one of them:`,
    );
    for (const file of leftOut) console.log(`  ${file.slice(copy.length + 1)}`);
    const ignored = leftOut.flatMap((file) => ['--testPathIgnorePatterns', `${file}$`]);
    // Jest takes whatever comes behind names of projects for another name
    return runSuite(process.execPath, copy, [...forJest, '--selectProjects=nest-12', ...ignored]);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function specs(folder) {
  const { stdout } = spawnSync(process.execPath, [...JEST, '--listTests'], { cwd: folder, encoding: 'utf8' });
  return stdout.split('\n').filter(Boolean);
}

/** One row of the table. Processes that a test starts by the name `node` get the same one. */
function runSuite(node, folder, args) {
  const results = mkdtempSync(join(tmpdir(), 'nestwire-results-'));
  const outputFile = join(results, 'jest.json');
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` };
  const begun = performance.now();
  const { status } = spawnSync(node, [...JEST, '--json', '--outputFile', outputFile, ...args], {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const seconds = Math.round((performance.now() - begun) / 1000);
  const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
  const counts = countsIn(outputFile);
  rmSync(results, { recursive: true });
  return { version, result: status === 0 ? 'passed' : 'FAILED', ...counts, seconds };
}

function countsIn(file) {
  try {
    const { numTotalTestSuites, numPassedTests, numFailedTests } = JSON.parse(readFileSync(file, 'utf8'));
    return { suites: numTotalTestSuites, passed: numPassedTests, failed: numFailedTests };
  } catch {
    // Jest did not get that far; what it said stands above
    return { suites: 0, passed: 0, failed: 0 };
  }
}
