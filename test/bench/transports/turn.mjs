/** One transport at one rate: a server and clients in processes and on cores of their own. */
import { spawnSync } from 'node:child_process';
import { Child } from '../../support/child.mjs';
import { cpuUs } from '../proc.mjs';
import { LOAD_CORE, SERVER_CORE } from '../server-process.mjs';

const CLIENTS = 50;
/** As long as a line of chat. */
const TEXT = 'x'.repeat(80);
/** So that the server's code is compiled: to clients of their own, which poll often. */
const WARM_UP = { count: 500, intervalMs: 4, text: TEXT };
const WARM_UP_POLL_MS = 20;

const ANY_NUMBER = 100_000;
const LIMITS = { awaitedSessions: ANY_NUMBER, awaitedSessionsPerAddress: ANY_NUMBER };

function pin({ pid }, core) {
  spawnSync('taskset', ['-a', '-p', '-c', `${core}`, `${pid}`]);
}

async function connect(url, row, last) {
  const listeners = new Child('../bench/transports/listeners.mjs', { ...row, url, last, clients: CLIENTS });
  pin(listeners, LOAD_CORE);
  await listeners.answer();
  return listeners;
}

/** @returns when everybody got it, once and in order: an error else, in the process of the clients */
async function publish(server, listeners, publication) {
  server.tell({ publish: publication });
  const { published } = await server.answer();
  listeners.tell({ last: published });
  return listeners.answer();
}

async function warmUp(server, url, row) {
  const listeners = await connect(url, { ...row, pollMs: WARM_UP_POLL_MS }, 0);
  await publish(server, listeners, WARM_UP);
  listeners.tell({});
  await listeners.answer();
  listeners.stop();
}

async function reading(server) {
  server.tell({});
  return { cpu: cpuUs(server.pid), ...(await server.answer()) };
}

async function measure(server, listeners, { rate }, seconds) {
  const count = Math.ceil(rate * seconds);
  const before = await reading(server);
  const latency = await publish(server, listeners, { count, intervalMs: 1_000 / rate, text: TEXT });
  const after = await reading(server);
  const perEvent = (key) => (after[key] - before[key]) / (count * CLIENTS);
  return {
    ...latency,
    cpuUs: perEvent('cpu'),
    requests: perEvent('requests'),
    bytesUp: perEvent('bytesRead'),
    bytesDown: perEvent('bytesWritten'),
  };
}

/** @param row `{ transport, pollMs, rate }` */
export async function takeTurn(row, seconds) {
  const server = new Child('./publishing-app.mjs', { history: 10_000, limits: LIMITS });
  let listeners;
  try {
    pin(server, SERVER_CORE);
    const { port } = await server.answer();
    const url = `http://127.0.0.1:${port}/news`;
    await warmUp(server, url, row);
    listeners = await connect(url, row, WARM_UP.count);
    return await measure(server, listeners, row, seconds);
  } finally {
    server.stop();
    listeners?.stop();
  }
}

export const conditions = `${CLIENTS} clients, events of ${TEXT.length} characters`;
