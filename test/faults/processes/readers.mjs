/** All clients that read, over all transports by turns, in a process of their own. */
import { setTimeout as wait } from 'node:timers/promises';
import { connect } from '../../../dist/client/node/index.js';
import { Reader } from './reader.mjs';
import { nowMs, serveParent } from './serve-parent.mjs';

const { url, clients, channels } = JSON.parse(process.argv[2]);
const TRANSPORTS = ['websocket', 'event-stream', 'long-polling', 'short-polling'];

const readers = Array.from({ length: clients }, (_, i) => {
  const channel = `c${Math.floor(i / TRANSPORTS.length) % channels}`;
  return new Reader(connect, { url, name: `r${i}`, channel, transport: TRANSPORTS[i % TRANSPORTS.length] });
});

/** @returns those that are behind when the time is over, and how long it took */
async function reach({ marks, timeoutMs }) {
  const begun = nowMs();
  const isBehind = (reader) => !reader.isOpen || !reader.hasReached(marks[reader.channel]);
  const behind = () =>
    readers
      .filter(isBehind)
      .map(({ name, transport, status }) => `${name} (${transport}): ${JSON.stringify(status)}`);
  while (behind().length > 0 && nowMs() - begun < timeoutMs) await wait(20);
  return { behind: behind(), tookMs: nowMs() - begun };
}

const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

/** @returns the logs, and how long publications took to those who kept their connection */
function take() {
  const taken = readers.map((reader) => reader.take());
  const steady = taken.filter(({ connections }) => connections === 0);
  const sorted = steady.flatMap(({ latencies }) => latencies).sort((a, b) => a - b);
  return {
    logs: taken.flatMap(({ log }) => log ?? []),
    reconnected: taken.length - steady.length,
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
  };
}

while (!readers.every(({ isOpen }) => isOpen)) await wait(20);
serveParent({ reach, take });
