import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { header, upgradeRequest, type RawResponse, type RequestChanges } from '../support/raw-peer-http.js';
import type { RawPeer } from '../support/raw-peer.js';
import { binary } from '../support/raw-peer-frames.js';
import { Arena, PROMPTLY_MS, within } from './arena.js';

const from = (client: string): RequestChanges => ({ headers: { 'X-Forwarded-For': client } });

/** So many handshakes at once, and how each was answered. The peers stay. */
async function storm(the: Arena, count: number, changes: RequestChanges = {}) {
  const peers = await Promise.all(Array.from({ length: count }, () => the.server.connect()));
  const responses = await Promise.all(peers.map((peer) => peer.upgrade(changes)));
  return { statuses: tally(responses), responses, leave: () => peers.forEach((peer) => peer.destroy()) };
}

function tally(responses: readonly RawResponse[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of responses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

// The bystander of each arena has one place, and its own address where proxies are trusted

describe('R7: a server with room for ten connections', () => {
  const the = new Arena({ maxConnections: 10 });

  it('refuses more with 503, and has room again when some are gone', async () => {
    const first = await storm(the, 50);
    expect(first.statuses).toEqual({ 101: 9, 503: 41 });
    expect(first.responses.find(({ status }) => status === 503)!.body).toBe(
      'the server has all of its 10 connections',
    );
    first.leave();
    await within(PROMPTLY_MS, () => the.server.openSockets === 1);
    const second = await storm(the, 12);
    expect(second.statuses).toEqual({ 101: 9, 503: 3 });
    second.leave();
  });

  it('counts a connection that is closing until it is gone', async () => {
    const peers = await Promise.all(Array.from({ length: 9 }, () => the.open()));
    await Promise.all(peers.map((peer) => peer.closeAndEnd()));
    await within(PROMPTLY_MS, () => the.server.openSockets === 1);
    expect((await the.handshake({})).status).toBe(101);
  });
});

describe('R8: a server with room for three connections of an address', () => {
  const the = new Arena({ maxConnectionsPerAddress: 3, trustedProxies: ['127.0.0.1'] });

  it('refuses more of that with 429, and lets others in', async () => {
    const busy = await storm(the, 10, from('203.0.113.1'));
    expect(busy.statuses).toEqual({ 101: 3, 429: 7 });
    const other = await storm(the, 2, from('203.0.113.2'));
    expect(other.statuses).toEqual({ 101: 2 });
    busy.leave();
    other.leave();
  });

  it('is not fooled by an address in front of the real one, or by another in the same /64', async () => {
    const peers: RawPeer[] = [];
    const statuses: number[] = [];
    for (let i = 0; i < 5; i++) {
      const peer = await the.server.connect();
      peers.push(peer);
      statuses.push((await peer.upgrade(from(`198.51.100.${i}, 2001:db8:1:2::${i}`))).status);
    }
    expect(statuses).toEqual([101, 101, 101, 429, 429]);
    for (const peer of peers) peer.destroy();
  });
});

describe('R7: a server that takes two handshakes a second from an address', () => {
  const the = new Arena({ connectionRate: 2, trustedProxies: ['127.0.0.1'] });

  it('refuses a flood with 429 and says when to come again', async () => {
    const flood = await storm(the, 30, from('203.0.113.1'));
    expect(flood.statuses[101]).toBeGreaterThanOrEqual(2);
    const refused = flood.responses.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(20);
    expect(new Set(refused.map((response) => header(response, 'retry-after')))).toEqual(new Set(['1']));
    flood.leave();
  });
});

describe('R7: a server that lets four handshakes wait', () => {
  const aborted: string[] = [];
  const the = new Arena({
    maxPendingHandshakes: 4,
    handshakeTimeoutMs: 4 * PROMPTLY_MS,
    verifyClient: ({ req, signal }) => {
      if (req.url !== '/ponder') return true;
      signal.addEventListener('abort', () => aborted.push(req.url!));
      return new Promise(() => {});
    },
  });

  /** Four that wait. */
  async function waiting(): Promise<RawPeer[]> {
    const peers = await Promise.all(Array.from({ length: 4 }, () => the.server.connect()));
    for (const peer of peers) peer.write(upgradeRequest({ target: '/ponder' }));
    // Their sockets are read from while they wait
    await within(PROMPTLY_MS, () => the.server.bytesRead().filter((bytes) => bytes > 0).length === 5);
    return peers;
  }

  it('refuses more with 503, and says to come again', async () => {
    const peers = await waiting();
    const response = await the.handshake({});
    expect(response.status).toBe(503);
    expect(header(response, 'retry-after')).toBe('1');
    for (const peer of peers) peer.reset();
    await within(PROMPTLY_MS, () => the.server.openSockets === 1);
    expect((await the.handshake({})).status).toBe(101);
  });

  it.each<[string, (peer: RawPeer) => unknown]>([
    ['FIN', (peer) => peer.socket.end()],
    ['FIN behind early frames', (peer) => peer.socket.end(Buffer.alloc(100))],
    ['a reset', (peer) => peer.reset()],
  ])('H11: sees %s at once, and aborts what decides', async (_, leave) => {
    aborted.length = 0;
    for (const peer of await waiting()) leave(peer);
    // The time limit would come much later
    await within(PROMPTLY_MS, () => aborted.length === 4 && the.server.openSockets === 1);
    expect((await the.handshake({})).status).toBe(101);
  });
});

describe('F10: a server with an idle time-out', () => {
  // longer than a busy machine stands still: the bystander too must be heard in time
  const the = new Arena({ idleTimeoutMs: 1_500, closeTimeoutMs: 100 });

  it('closes a peer that announced a message and sends it byte by byte', async () => {
    const peer = await the.open();
    await peer.send(binary('', { declaredLength: 200_000, lengthBits: 64 }));
    while (peer.received.length === 0) {
      await wait(5);
      await peer.send(Buffer.of(0));
    }
    expect((await the.ending(peer)).code).toBe(1001);
  });

  it('lets a peer be that sends messages', async () => {
    const peer = await the.open();
    for (let i = 0; i < 5; i++) {
      await wait(400);
      await peer.send(binary('a'));
      expect((await peer.next()).kind).toBe('binary');
    }
    peer.destroy();
  });
});
