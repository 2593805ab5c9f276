import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { MiB } from '../support/memory.js';
import { byteByByte, inPiecesOf } from '../support/raw-peer-delivery.js';
import {
  type FrameSpec,
  binary,
  continuation,
  encodeFrame,
  ping,
  pong,
  text,
} from '../support/raw-peer-frames.js';
import { upgradeRequest } from '../support/raw-peer-http.js';
import type { RawPeer } from '../support/raw-peer.js';
import { Arena, PROMPTLY_MS, within } from './arena.js';

const KiB = 1_024;

/** Many copies of one frame, made without holding this thread up. */
function flood(spec: FrameSpec, count: number): Buffer {
  const one = encodeFrame(spec, 'client');
  return Buffer.alloc(one.length * count, one);
}

describe('Messages in too many parts', () => {
  const the = new Arena();

  it('R1: 1,024 fragments are a message, one more is closed with 1009', async () => {
    const first = text('a', { fin: false });
    const middle = (count: number): Buffer => flood(continuation('a', { fin: false }), count);
    const peer = await the.open();
    await peer.send([first, middle(1_022), continuation('a')]);
    expect((await peer.next()).payload).toHaveLength(1_024);
    await peer.send([first, middle(1_024)]);
    expect(await the.ending(peer)).toMatchObject({ code: 1009, received: [] });
  });

  it('R1: 1 MiB in fragments of one byte is closed with 1009, and costs nothing', async () => {
    const attack = [binary('a', { fin: false }), flood(continuation('a', { fin: false }), 200_000)];
    const grown = await the.growth(async () =>
      expect(await the.attack(attack)).toMatchObject({ code: 1009 }),
    );
    expect(grown).toBeLessThan(4 * MiB);
  });

  it('R2: empty fragments without end are closed with 1009', async () => {
    const attack = [text('', { fin: false }), flood(continuation('', { fin: false }), 200_000)];
    const grown = await the.growth(async () =>
      expect(await the.attack(attack)).toMatchObject({ code: 1009 }),
    );
    expect(grown).toBeLessThan(4 * MiB);
  });

  it('R2: empty fragments with pings between them are closed with 1009', async () => {
    const pair = [continuation('', { fin: false }), pong()];
    const attack = [text('', { fin: false }), ...Array.from({ length: 2_000 }, () => pair).flat()];
    expect(await the.attack(attack)).toMatchObject({ code: 1009, received: [] });
  });

  it('R3: a message in packets of one byte stays in one buffer, and is closed with 1009 at its limit', async () => {
    const peer = await the.open();
    const grown = await the.growth(async () => {
      await peer.send(encodeFrame(binary(Buffer.alloc(64 * KiB)), 'client').subarray(0, 4_000), byteByByte);
    });
    expect(peer.ended).toBeUndefined();
    expect(grown).toBeLessThan(MiB);
    await peer.send(Buffer.alloc(200), byteByByte);
    expect((await the.ending(peer)).code).toBe(1009);
  });
});

describe('Floods', () => {
  let received = 0;
  const the = new Arena({}, (socket) => {
    socket.on('message', (data, isBinary) => {
      if ((data as Buffer).length > 0) socket.send(data, { binary: isBinary });
      else received++;
    });
  });

  it('R4: 50,000 empty messages are all delivered, and nobody else waits for them', async () => {
    received = 0;
    const peer = await the.open();
    void peer.send(flood(binary(''), 50_000));
    await within(PROMPTLY_MS, () => received === 50_000);
    peer.destroy();
  });

  it('R5: pings without end, from a peer that never reads, are cut off', async () => {
    const peer = await the.open();
    peer.socket.pause();
    const grown = await the.growth(async () => {
      void peer.send(flood(ping(Buffer.alloc(125)), 200_000));
      await within(2 * PROMPTLY_MS, () => the.server.websockets.clients.size === 1);
    });
    peer.destroy();
    expect(grown).toBeLessThan(4 * MiB);
  });

  it('R6: 200,000 unsolicited pongs do nothing', async () => {
    const peer = await the.open();
    const grown = await the.growth(async () => {
      await peer.send([flood(pong(), 200_000), text('still here')]);
      expect((await peer.next()).payload.toString()).toBe('still here');
    });
    peer.destroy();
    expect(grown).toBeLessThan(2 * MiB);
  });

  it('R6: a ping is answered however many pongs came before it', async () => {
    const peer = await the.open();
    await peer.send([flood(pong('x'), 10_000), ping('y')]);
    expect(await peer.next()).toMatchObject({ kind: 'pong', payload: Buffer.from('y') });
    peer.destroy();
  });
});

describe('Many connections', () => {
  const the = new Arena();

  it('R7: 500 connections, 25 at a time, are all served and all given back', async () => {
    const peers: RawPeer[] = [];
    while (peers.length < 500)
      peers.push(...(await Promise.all(Array.from({ length: 25 }, () => the.open()))));
    expect(the.server.websockets.clients.size).toBe(501);
    for (const peer of peers) peer.reset();
    await within(2 * PROMPTLY_MS, () => the.server.openSockets === 1);
  });

  it('R9: 300 idle connections hold little after one message of 16 KiB each', async () => {
    const message = encodeFrame(binary(Buffer.alloc(16 * KiB)), 'client');
    const peers: RawPeer[] = [];
    for (let i = 0; i < 300; i++) peers.push(await the.open());
    const grown = await the.growth(async () => {
      for (const peer of peers) {
        await peer.send(message, inPiecesOf(7_000));
        await peer.next();
      }
    });
    for (const peer of peers) peer.destroy();
    // less than the message: neither it nor its echo is kept
    expect(grown / 300).toBeLessThan(8 * KiB);
  });

  it('R9: a small slice does not keep its read buffer alive', async () => {
    const kept: Buffer[] = [];
    the.server.websockets.on('connection', (socket) => {
      socket.on('message', (data) => kept.push(data as Buffer));
    });
    const small = encodeFrame(text('x'), 'client');
    const padding = encodeFrame(binary(Buffer.alloc(60 * KiB)), 'client');
    const peer = await the.open();
    const grown = await the.growth(async () => {
      for (let i = 0; i < 100; i++) {
        await peer.send([small, padding]);
        while ((await peer.next()).kind !== 'binary');
        kept.splice(0, kept.length, ...kept.filter(({ length }) => length === 1));
      }
    });
    expect(kept).toHaveLength(100);
    peer.destroy();
    expect(grown).toBeLessThan(2 * MiB);
  });

  it('R7: connecting, saying one thing and leaving, again and again, leaves nothing', async () => {
    for (let i = 0; i < 50; i++) await visit(the);
    const grown = await the.growth(async () => {
      for (let i = 0; i < 200; i++) await visit(the);
      await within(PROMPTLY_MS, () => the.server.openSockets === 1);
    });
    expect(grown).toBeLessThan(2 * MiB);
  });
});

async function visit(the: Arena): Promise<void> {
  const peer = await the.server.connect();
  peer.write(Buffer.concat([upgradeRequest(), encodeFrame(text('x'), 'client')]));
  await peer.response();
  await peer.next();
  peer.reset();
  await turn();
}
