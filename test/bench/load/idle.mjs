/** Connections that exchanged one message and then went quiet: what each one costs the server in memory. */
import { setTimeout as sleep } from 'node:timers/promises';
import { memoryBytes } from '../proc.mjs';
import { openMany } from './connection.mjs';

const WARM_CONNECTIONS = 1000;
const SETTLE_MS = 300;

async function exchange(connections, script) {
  let answered = 0;
  await new Promise((resolve) => {
    for (const connection of connections) {
      connection.onMessages = (count) => {
        answered += count;
        if (answered === connections.length) resolve();
      };
      connection.write(script.take(connection, 1));
    }
  });
}

async function memoryOf(server) {
  await sleep(SETTLE_MS);
  await server.collectGarbage();
  await sleep(SETTLE_MS);
  return memoryBytes(server.pid);
}

/** The first connections also pay for code and pools that exist once: they are not counted. */
async function warmUp(server, open, script) {
  const connections = await open(WARM_CONNECTIONS);
  await exchange(connections, script);
  for (const connection of connections) connection.close();
}

export async function measureIdle(server, row, dialect, script) {
  const open = (count) => openMany(count, server.port, dialect, row.deflate);
  await warmUp(server, open, script);
  const before = await memoryOf(server);
  const connections = await open(row.connections);
  await exchange(connections, script);
  const bytes = (await memoryOf(server)) - before;
  for (const connection of connections) connection.close();
  return { bytesPerConnection: bytes / row.connections };
}
