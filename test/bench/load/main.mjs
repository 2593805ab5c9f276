/** Measures one contestant at one row: `node load/main.mjs '{"contestant","row","seconds","warmUpSeconds"}'`, result as JSON on stdout. */
import { setTimeout as sleep } from 'node:timers/promises';
import { findContestant } from '../contestants.mjs';
import { coreBusyUs, cpuUs } from '../proc.mjs';
import { rows } from '../rows.mjs';
import { SERVER_CORE, ServerProcess } from '../server-process.mjs';
import { checkAnswers } from './check.mjs';
import { openMany } from './connection.mjs';
import { dialects } from './dialects.mjs';
import { EchoLoad } from './echo.mjs';
import { FanOutLoad } from './fan-out.mjs';
import { measureIdle } from './idle.mjs';
import { Latencies } from './latency.mjs';
import { Script } from './script.mjs';

const SETTLE_MS = 200;
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;
const WARM_UP_MESSAGES = 30_000;
const WARM_UP_BYTES = 256 * 1024 * 1024;
const LONGEST_WARM_UP_MS = 10_000;
const loads = { echo: EchoLoad, 'fan-out': FanOutLoad };

async function timed(server, load, latencies, seconds) {
  latencies.clear();
  const startAt = performance.now();
  const start = { cpu: cpuUs(server.pid), core: coreBusyUs(SERVER_CORE), messages: load.messages };
  const ownStart = process.cpuUsage();
  await sleep(seconds * 1000);
  const elapsedMs = performance.now() - startAt;
  const messages = load.messages - start.messages;
  const serverCpuUs = cpuUs(server.pid) - start.cpu;
  const coreUs = coreBusyUs(SERVER_CORE) - start.core;
  const own = process.cpuUsage(ownStart);
  return {
    cpuUsPerMessage: serverCpuUs / messages,
    messagesPerSecond: (messages / elapsedMs) * 1000,
    p50Us: latencies.quantileUs(0.5),
    p99Us: latencies.quantileUs(0.99),
    serverBusy: serverCpuUs / 1000 / elapsedMs,
    disturbed: Math.max(0, coreUs - serverCpuUs) / 1000 / elapsedMs,
    loadBusy: (own.user + own.system) / 1000 / elapsedMs,
  };
}

/** Until the server's code is compiled: so long at least, and so many messages, but not for ever. */
async function warmUp(load, row, seconds) {
  const messages = Math.min(WARM_UP_MESSAGES, WARM_UP_BYTES / row.bytes);
  const start = performance.now();
  do await sleep(seconds * 1000);
  while (load.messages < messages && performance.now() - start < LONGEST_WARM_UP_MS);
}

async function measureThroughput(server, row, dialect, job) {
  const connections = await openMany(row.connections, server.port, dialect, row.deflate);
  // A server may know of its connection later than the client: a fan-out must not miss the last ones.
  await sleep(SETTLE_MS);
  const negotiated = connections[0].deflate;
  if (row.deflate && negotiated === undefined) throw new Error('the server declined compression');
  const script = await Script.prepare(row, dialect, negotiated);
  await checkAnswers(connections, dialect, row, script);
  const latencies = new Latencies();
  const load = new loads[row.kind](script, latencies);
  load.start(connections);
  await warmUp(load, row, job.warmUpSeconds);
  const result = await timed(server, load, latencies, job.seconds);
  await load.stop();
  return result;
}

async function measure(job) {
  const contestant = findContestant(job.contestant);
  const row = rows.find(({ id }) => id === job.row);
  const dialect = dialects[contestant.dialect];
  const fanOut = row.kind === 'fan-out';
  const options = { fanOut, deflate: row.deflate, maxMessageBytes: MAX_MESSAGE_BYTES };
  const server = await ServerProcess.start(contestant, options);
  try {
    if (row.kind !== 'idle') return await measureThroughput(server, row, dialect, job);
    return await measureIdle(server, row, dialect, await Script.prepare(row, dialect));
  } finally {
    server.stop();
  }
}

const result = await measure(JSON.parse(process.argv[2]));
process.stdout.write(JSON.stringify(result), () => process.exit());
