/** Clients that count what they get, in a process of its own: `{ url, clients, transport, pollMs, last }` as JSON. */
import { setTimeout as wait } from 'node:timers/promises';
import { connect } from '../../../dist/client/node/index.js';
import { Latencies } from '../load/latency.mjs';

const { url, clients, transport, pollMs, last: lastBefore } = JSON.parse(process.argv[2]);
const GOODBYE_MS = 500;
const latencies = new Latencies();

class Listener {
  #last = lastBefore;

  constructor() {
    const polling = { intervalMs: pollMs };
    this.client = connect(url, { transports: [transport], polling });
    this.client.on('news').subscribe((news) => this.#take(news));
  }

  #take({ n, at }) {
    if (n !== this.#last + 1) throw new Error(`${n} came after ${this.#last}`);
    this.#last = n;
    latencies.add(Number(process.hrtime.bigint()) / 1e6 - at, 1);
  }

  has(last) {
    return this.#last === last;
  }
}

const listeners = Array.from({ length: clients }, () => new Listener());

async function until(isTrue) {
  while (!isTrue()) await wait(10);
}

/** Says goodbye, so that the server need not wait for anybody. */
async function leave() {
  for (const { client } of listeners) client.close();
  await wait(GOODBYE_MS);
  process.send('left');
}

process.on('message', async ({ last }) => {
  if (last === undefined) return leave();
  await until(() => listeners.every((listener) => listener.has(last)));
  process.send({ p50Ms: latencies.quantileUs(0.5) / 1_000, p99Ms: latencies.quantileUs(0.99) / 1_000 });
});
process.on('disconnect', () => process.exit());
await until(() => listeners.every(({ client }) => client.status.state === 'open'));
process.send('ready');
