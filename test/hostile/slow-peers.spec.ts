import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { WebSocket } from 'nestwire/websocket';
import { MiB } from '../support/memory.js';
import { close, text } from '../support/raw-peer-frames.js';
import type { RawPeer } from '../support/raw-peer.js';
import { Arena, PROMPTLY_MS, within } from './arena.js';

const KiB = 1_024;
/** More than the kernel takes for a peer that never reads. */
const BEYOND_KERNEL = 64 * MiB;

describe('Peers that do not read', () => {
  const opened: WebSocket[] = [];
  const the = new Arena({ closeTimeoutMs: 200 }, (socket) => {
    opened.push(socket);
    socket.on('message', (data) => socket.send(data as Buffer, { binary: false }));
  });

  /** `closed`: the codes that the server's side was closed with. */
  async function openDeaf(): Promise<{ peer: RawPeer; socket: WebSocket; closed: number[] }> {
    const peer = await the.open();
    peer.socket.pause();
    const socket = opened.at(-1)!;
    const closed: number[] = [];
    socket.on('close', (code) => closed.push(code));
    return { peer, socket, closed };
  }

  it('B1: are cut off once 1 MiB waits for them, whatever more is sent', async () => {
    const { peer, socket, closed } = await openDeaf();
    const message = Buffer.alloc(64 * KiB);
    let highest = 0;
    const grown = await the.growth(async () => {
      for (let sent = 0; sent < BEYOND_KERNEL && closed.length === 0; sent += message.length) {
        socket.send(message);
        highest = Math.max(highest, socket.bufferedAmount);
        await turn();
      }
      await within(2 * PROMPTLY_MS, () => closed.length === 1);
    });
    peer.destroy();
    expect(highest).toBeLessThan(MiB + 2 * message.length);
    expect(grown).toBeLessThan(2 * MiB);
  });

  it('B1: cost their server no more than the limit, even when one tick sends it all', async () => {
    const { peer, socket, closed } = await openDeaf();
    const message = Buffer.alloc(16 * KiB);
    for (let sent = 0; sent < BEYOND_KERNEL; sent += message.length) socket.send(message);
    expect(socket.bufferedAmount).toBeLessThan(MiB + 2 * message.length);
    await within(2 * PROMPTLY_MS, () => closed.length === 1);
    peer.destroy();
  });

  it('B1: tell the callbacks of what they never took', async () => {
    const { peer, socket } = await openDeaf();
    const outcomes: boolean[] = [];
    const count = BEYOND_KERNEL / (256 * KiB);
    for (let i = 0; i < count; i++) socket.send(Buffer.alloc(256 * KiB), (error) => outcomes.push(!error));
    await within(2 * PROMPTLY_MS, () => outcomes.length === count);
    peer.destroy();
    const firstLost = outcomes.indexOf(false);
    expect(firstLost).toBeGreaterThan(0);
    expect(outcomes.slice(firstLost)).not.toContain(true);
  });

  it('B1: may get one message of any size when nothing waits', async () => {
    const { peer, socket } = await openDeaf();
    socket.send(Buffer.alloc(8 * MiB));
    await turn();
    expect(socket.readyState).toBe(1);
    peer.socket.resume();
    expect((await peer.next()).payload).toHaveLength(8 * MiB);
    peer.destroy();
  });

  it('B3: do not slow a broadcast to the others', async () => {
    const [bystander] = the.server.websockets.clients;
    const slow = await openDeaf();
    const others = await Promise.all(Array.from({ length: 15 }, () => the.open()));
    const rounds = 200;
    const slowest: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const begun = performance.now();
      the.server.websockets.broadcast(Buffer.alloc(64 * KiB), { except: bystander! });
      await Promise.all(others.map((peer) => peer.next()));
      slowest.push(performance.now() - begun);
    }
    await within(2 * PROMPTLY_MS, () => slow.closed.length === 1);
    for (const peer of [slow.peer, ...others]) peer.destroy();
    expect(slowest.sort((a, b) => a - b)[Math.floor(rounds * 0.99)]).toBeLessThan(PROMPTLY_MS);
  });

  it('B4: are dropped after the close wait when the server closes', async () => {
    const { peer, socket, closed } = await openDeaf();
    socket.send(Buffer.alloc(8 * MiB));
    const begun = performance.now();
    socket.close(1001);
    await within(200 + PROMPTLY_MS, () => closed.length === 1);
    peer.destroy();
    expect(performance.now() - begun).toBeGreaterThan(190);
    expect(closed).toEqual([1006]);
  });

  it('B4: are dropped after the close wait when they close and then never read the answer', async () => {
    const { peer, socket, closed } = await openDeaf();
    socket.send(Buffer.alloc(8 * MiB));
    await peer.send(close(1000));
    await within(200 + PROMPTLY_MS, () => closed.length === 1);
    peer.destroy();
  });
});

describe('Peers that fall silent', () => {
  const closed: number[] = [];
  // a time-out that is longer than a busy machine stands still: the bystander too has to be heard in time
  const the = new Arena({ heartbeat: { intervalMs: 100, timeoutMs: 1_000 } }, (socket) => {
    socket.on('message', (data) => socket.send(data as Buffer, { binary: false }));
    socket.on('close', (code) => closed.push(code));
  });

  it('B5: are given up after a ping and its time-out', async () => {
    closed.length = 0;
    const peer = await the.open();
    expect((await peer.next()).kind).toBe('ping');
    await peer.untilEnded();
    peer.destroy();
    await within(PROMPTLY_MS, () => closed.length === 1);
    expect(closed).toEqual([1006]);
  });

  it('B5: are not given up while any byte comes from them', async () => {
    const peer = await the.open();
    const words = peer.encode(text('x'.repeat(100)));
    for (let at = 0; at < 30; at++) {
      peer.write(words.subarray(at, at + 1));
      await wait(50);
    }
    expect(peer.ended).toBeUndefined();
    await peer.send(words.subarray(30));
    while ((await peer.next()).kind !== 'text');
    peer.destroy();
  });
});
