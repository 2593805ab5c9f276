/**
 * `npm run test:herd`: 1,000 clients that reconnect at random while a publisher runs, over each transport. Ends
 * with 1 when a publication was lost or doubled without a word.
 *
 *   HERD_TRANSPORTS  those to try (websocket,event-stream,long-polling,short-polling)
 *   HERD_CLIENTS, HERD_SECONDS, HERD_RATE, HERD_CUT_MS, HERD_AWAY_MS, HERD_POLL_MS, HERD_HISTORY, HERD_SEED
 *                    see herd.mjs
 */
import { runHerd } from './herd.mjs';

const names = {
  clients: 'CLIENTS',
  seconds: 'SECONDS',
  rate: 'RATE',
  cutMs: 'CUT_MS',
  awayMs: 'AWAY_MS',
  pollMs: 'POLL_MS',
  history: 'HISTORY',
  seed: 'SEED',
};
const given = Object.entries(names)
  .map(([option, name]) => [option, process.env[`HERD_${name}`]])
  .filter(([, value]) => value !== undefined)
  .map(([option, value]) => [option, Number(value)]);
const transports = process.env.HERD_TRANSPORTS ?? 'websocket,event-stream,long-polling,short-polling';

const accounts = {};
for (const transport of transports.split(',')) {
  const herd = await runHerd({ transports: [transport], ...Object.fromEntries(given) });
  accounts[transport] = { published: herd.published, ...herd.accounts[transport] };
  console.log(transport, accounts[transport]);
}
console.table(accounts);
if (Object.values(accounts).some(({ lost, doubled }) => lost > 0 || doubled > 0)) process.exitCode = 1;
