/**
 * Connections of every kind of death, one after the other: what they took is given back. LEAK_CONNECTIONS
 * sets how many; 10000 is the number that a release has to stand.
 */
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { WebSocket } from 'nestwire/websocket';
import { reservedDeflateMemory } from '../../lib/transport/websocket/deflate/memory-budget.js';
import { MiB, bytesHeld } from '../support/memory.js';
import { ResourceLedger } from '../support/resource-ledger.js';
import { ServerUnderTest } from '../support/server-under-test.js';
import { PROMPTLY_MS, within } from './arena.js';
import { type Death, deaths } from './deaths.js';

const connections = Number(process.env['LEAK_CONNECTIONS'] ?? 300);
const atOnce = 10;
/** More than are ever there at once, refused ones that are not gone yet included. */
const places = 100;

describe(`After ${connections} connections`, () => {
  jest.setTimeout(Math.max(60_000, connections * 100));
  const ledger = new ResourceLedger();
  let server: ServerUnderTest;

  beforeAll(async () => {
    ledger.start();
    server = await ServerUnderTest.start(
      {
        perMessageDeflate: { threshold: 0 },
        closeTimeoutMs: 100,
        handshakeTimeoutMs: 100,
        heartbeat: { intervalMs: 50, timeoutMs: 20_000 },
        verifyClient: ({ req }) => decide(req.url),
        maxConnections: places,
        maxConnectionsPerAddress: places,
        maxPendingHandshakes: places,
      },
      (socket, request) => act(socket, request.url),
    );
  });

  afterAll(async () => {
    await server.stop();
    ledger.stop();
  });

  it('of every kind of death, sockets, timers, windows and memory are as before', async () => {
    await dieAll(deaths.length);
    ledger.mark();
    const before = await bytesHeld();

    await dieAll(connections);

    await within(PROMPTLY_MS, () => server.websockets.clients.size === 0 && server.openSockets === 0);
    await ledger.settled();
    expect(reservedDeflateMemory()).toBe(0);
    expect((await bytesHeld()) - before).toBeLessThan(2 * MiB);
  });

  it('all places are free again, and no more than all', async () => {
    const open = await Promise.all(Array.from({ length: places }, () => server.open()));
    const peer = await server.connect();
    expect((await peer.upgrade()).status).toBe(503);
    for (const one of [...open, peer]) one.destroy();
    await within(PROMPTLY_MS, () => server.openSockets === 0);
  });

  async function dieAll(count: number): Promise<void> {
    for (let done = 0; done < count; done += atOnce) {
      await Promise.all(Array.from({ length: atOnce }, (_, i) => die(deaths[(done + i) % deaths.length]!)));
    }
  }

  async function die(death: Death): Promise<void> {
    try {
      await death.die(server.port);
    } catch (error) {
      throw new Error(`${death.title} did not come`, { cause: error });
    }
  }
});

function decide(url = '/'): boolean | Promise<boolean> {
  if (url === '/ponder') return new Promise(() => {});
  return url !== '/deny';
}

function act(socket: WebSocket, url = '/'): void {
  socket.on('message', (data, isBinary) => socket.send(data as Buffer, { binary: isBinary }));
  if (url === '/close') socket.close(1000, 'leaving');
  if (url === '/terminate') socket.terminate();
  if (url === '/stuff') for (let i = 0; i < 20; i++) socket.send(Buffer.alloc(100 * 1024, i), () => {});
}
