/** One contestant's turn at one row, in processes of its own: nothing is left over for the next one. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { LOAD_CORE } from './server-process.mjs';

const load = fileURLToPath(new URL('./load/main.mjs', import.meta.url));
const WARM_UP_SECONDS = 1;
/** Share of the server's core that other processes may have had. */
const QUIET = 0.05;
const TIME_LIMIT_MS = 60_000;

/** The line of a stack trace that says what went wrong. */
const reasonOf = (output) => /^\w*Error.*$/m.exec(output)?.[0] ?? output.trim().split('\n').at(-1);

async function attempt(job) {
  const argument = JSON.stringify({ warmUpSeconds: WARM_UP_SECONDS, ...job });
  const command = ['-c', `${LOAD_CORE}`, process.execPath, load, argument];
  const child = spawn('taskset', command, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIME_LIMIT_MS,
  });
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  if (code === 0) return JSON.parse(output);
  return { error: errors === '' ? `no result within ${TIME_LIMIT_MS} ms` : reasonOf(errors) };
}

const isQuiet = ({ error, disturbed = 0 }) => error !== undefined || disturbed <= QUIET;

/**
 * A turn is repeated when other processes took much of the server's core; the quietest attempt counts.
 * @returns what was measured, or `{ error }`: one failure must not end an hour of measuring
 */
export async function takeTurn(job, attempts) {
  let best = await attempt(job);
  for (let made = 1; made < attempts && !isQuiet(best); made++) {
    const next = await attempt(job);
    if (next.error === undefined && next.disturbed < best.disturbed) best = next;
  }
  return best;
}
