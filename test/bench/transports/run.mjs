/**
 * `npm run bench:transports`: what an event costs over each transport, from a channel to the clients of a gateway,
 * and the table into docs/transports.md.
 *
 *   --seconds <n>  how long each row is timed (10)
 *   --quick        a second each, to see that everything works; nothing is written to docs/
 */
import { parseArgs } from 'node:util';
import { short } from '../report/format.mjs';
import { machine } from '../report/results.mjs';
import { writeBetween } from '../report/between.mjs';
import { conditions, takeTurn } from './turn.mjs';

const { values: flags } = parseArgs({
  options: { seconds: { type: 'string', default: '10' }, quick: { type: 'boolean', default: false } },
});
const seconds = flags.quick ? 1 : Number(flags.seconds);

const TRANSPORTS = [
  { title: 'WebSocket', transport: 'websocket' },
  { title: 'event stream', transport: 'event-stream' },
  { title: 'long polling', transport: 'long-polling' },
  { title: 'short polling, every 100 ms', transport: 'short-polling', pollMs: 100 },
  { title: 'short polling, every second', transport: 'short-polling', pollMs: 1_000 },
];
/** Events a second that each client gets. */
const RATES = [1, 20];

const HEAD = ['transport', 'server CPU, µs', 'bytes down', 'bytes up', 'requests', 'p50, ms', 'p99, ms'];
const line = (cells) => `| ${cells.join(' | ')} |`;

const cellsOf = ({ title }, { cpuUs, bytesDown, bytesUp, requests, p50Ms, p99Ms }) =>
  line([title, ...[cpuUs, bytesDown, bytesUp, requests, p50Ms, p99Ms].map(short)]);

function tableOf(rate, lines) {
  const each = rate === 1 ? 'One event a second' : `${rate} events a second`;
  const align = HEAD.map((_, column) => (column === 0 ? '---' : '--:'));
  return [`**${each}** to each client:`, '', line(HEAD), line(align), ...lines].join('\n');
}

async function measure(rate) {
  const lines = [];
  for (const row of TRANSPORTS) {
    lines.push(cellsOf(row, await takeTurn({ ...row, rate }, seconds)));
    console.log(`${rate}/s`, lines.at(-1));
  }
  return tableOf(rate, lines);
}

const tables = [];
for (const rate of RATES) tables.push(await measure(rate));

const { cpu, kernel, node } = machine();
const date = new Date().toISOString().slice(0, 10);
const preface = `Measured ${date} on ${cpu}, ${kernel}, Node ${node}: ${conditions}, ${seconds} s a row.`;
if (!flags.quick)
  await writeBetween('transports.md', 'npm run bench:transports', [preface, ...tables].join('\n\n'));
