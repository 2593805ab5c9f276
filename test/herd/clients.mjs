/** The herd, in a process of its own: `{ url, transports, clients, cutMs, awayMs, pollMs, waitMs, seed }` as JSON. */
import { setTimeout as wait } from 'node:timers/promises';
import { Member } from './member.mjs';

const options = JSON.parse(process.argv[2]);
const { transports, clients, cutMs, waitMs, seed } = options;

/** mulberry32: the cuts of a run can be had again by its seed. */
function randomFrom(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** @returns whether it came true in time */
async function until(isTrue) {
  const end = performance.now() + waitMs;
  while (!isTrue() && performance.now() < end) await wait(20);
  return isTrue();
}

/** @returns the account of all members of each transport */
function sumUp(last) {
  const accounts = Object.fromEntries(transports.map((transport) => [transport, {}]));
  for (const member of members) {
    const total = accounts[member.transport];
    for (const [name, count] of Object.entries(member.end(last))) total[name] = (total[name] ?? 0) + count;
  }
  return accounts;
}

async function leave(last) {
  for (const member of members) member.stay();
  await until(() => members.every((member) => member.has(last)));
  process.send(sumUp(last));
}

/** By turns over each of the transports. */
const members = Array.from(
  { length: clients },
  (_, i) => new Member(transports[i % transports.length], options),
);
await Promise.all(members.map(({ hasBegun }) => hasBegun));
const random = randomFrom(seed);
for (const member of members) member.start(cutMs, random);
process.on('message', ({ last }) => void leave(last));
process.on('disconnect', () => process.exit());
process.send('ready');
