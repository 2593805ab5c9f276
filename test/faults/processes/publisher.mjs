/** Publishes by random nodes, never anything twice, and notes what was acknowledged. */
import { clearInterval, setInterval } from 'node:timers';
import { setTimeout as wait } from 'node:timers/promises';
import { connect } from '../../../dist/client/node/index.js';
import { randomFrom } from './random.mjs';
import { nowMs, serveParent } from './serve-parent.mjs';

const { urls, channels, rate, seed } = JSON.parse(process.argv[2]);
const TICK_MS = 20;
const REQUEST_TIMEOUT_MS = 5_000;

const random = randomFrom(seed);
const clients = urls.map((url) =>
  connect(`${url}/publish`, {
    transports: ['websocket'],
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    connectTimeoutMs: REQUEST_TIMEOUT_MS,
    backOff: { minMs: 100, maxMs: 1_000 },
  }),
);
const open = new Set();
let acknowledged = [];
let failed = 0;
let lastId = 0;
let timer;
let padding = { channel: undefined, text: '' };

const choose = (list) => list[Math.floor(random() * list.length)];
const openClients = () => clients.filter(({ status }) => status.state === 'open');

/** Whether a publication that failed was published all the same, nobody knows. */
async function publish(client, channel) {
  const id = ++lastId;
  const text = channel === padding.channel ? padding.text : '';
  try {
    const { epoch, offset } = await client.request('publish', { channel, item: { id, at: nowMs(), text } });
    acknowledged.push({ channel, epoch, offset, id });
    return { epoch, offset };
  } catch {
    failed++;
    return undefined;
  }
}

function publishOne() {
  const up = openClients();
  const published = publish(choose(up.length > 0 ? up : clients), `c${Math.floor(random() * channels)}`);
  open.add(published);
  published.then(() => open.delete(published));
}

function go() {
  const begun = nowMs();
  let sent = 0;
  timer = setInterval(() => {
    for (const due = ((nowMs() - begun) * rate) / 1_000; sent < due; sent++) publishOne();
  }, TICK_MS);
}

async function pause() {
  clearInterval(timer);
  await Promise.all(open);
}

/** Until it is acknowledged. @returns what every reader of the channel has to reach in the end */
async function markChannel(channel) {
  for (;;) {
    const up = openClients();
    const position = up.length > 0 ? await publish(choose(up), channel) : undefined;
    if (position) return [channel, position];
    await wait(100);
  }
}

async function mark() {
  const names = Array.from({ length: channels }, (_, i) => `c${i}`);
  return Object.fromEntries(await Promise.all(names.map(markChannel)));
}

/** What happened since the last call. */
function take() {
  const taken = { acknowledged, failed };
  acknowledged = [];
  failed = 0;
  return taken;
}

function pad({ channel, chars }) {
  padding = { channel, text: 'x'.repeat(chars) };
}

while (openClients().length < clients.length) await wait(20);
serveParent({ go, pause, mark, take, pad });
