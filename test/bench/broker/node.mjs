/** One node of `npm run bench:broker`: does what its parent says, and answers. */
import { setTimeout as pause } from 'node:timers/promises';
import { MemoryBroker } from '../../../dist/broker/memory/index.js';
import { redis } from '../../../dist/broker/redis/index.js';

const UNDER_WAY = 64;
const HISTORY = { size: 100, bytes: 1_048_576, ageMs: Infinity };
const TEXT = 'x'.repeat(100);

let broker;
const offsets = new Set();
/** How long publications of the timed part were under way, in ms. */
const delays = [];
let began;

/** Of one clock for all processes of the machine, in ms. */
const now = () => Number(process.hrtime.bigint()) / 1e6;

function receive({ body, position }) {
  offsets.add(position.offset);
  const { at, isTimed } = JSON.parse(body);
  if (isTimed) delays.push(now() - at);
}

const publish = (isTimed) =>
  broker.publish('bench', JSON.stringify({ at: now(), isTimed, text: TEXT }), HISTORY);

async function subscribe({ url }) {
  broker = url ? redis({ url, timeoutMs: 30_000 }) : new MemoryBroker();
  while (
    !(await broker.subscribe('bench', receive).ready.then(
      () => true,
      () => false,
    ))
  )
    await pause(100);
  began = process.cpuUsage();
  return {};
}

async function publishAll({ seconds, rate }) {
  let total = 0;
  const end = now() + seconds * 1000;
  const publishOn = async () => {
    while (now() < end) {
      await publish(false);
      total++;
      if (total % UNDER_WAY === 0) await pause(0); // the memory broker would never let go
    }
  };
  await Promise.all(Array.from({ length: UNDER_WAY }, publishOn));
  const perSecond = total / seconds;
  await pause(500);
  const timed = Math.round(seconds * rate);
  const start = now();
  for (let i = 0; i < timed; i++) {
    const wait = start + (i * 1000) / rate - now();
    if (wait > 0) await pause(wait);
    await publish(true);
  }
  return { perSecond, total: total + timed };
}

async function report({ total }) {
  for (let i = 0; i < 100 && offsets.size < total; i++) await pause(50);
  const { user, system } = process.cpuUsage(began);
  delays.sort((a, b) => a - b);
  const at = (share) => delays[Math.min(delays.length - 1, Math.floor(delays.length * share))];
  return { missing: total - offsets.size, cpuUs: user + system, p50: at(0.5), p99: at(0.99) };
}

const acts = { subscribe, publish: publishAll, report };
process.on('message', (message) => {
  acts[message.do](message).then(
    (answer) => process.send(answer),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
});
