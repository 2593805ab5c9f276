import { describe, expect, it } from '@jest/globals';
import { byteByByte, inPiecesOf } from '../support/raw-peer-delivery.js';
import { binary, encodeFrame, frame, text } from '../support/raw-peer-frames.js';
import { MiB } from '../support/memory.js';
import type { RawPeer } from '../support/raw-peer.js';
import { Arena, PROMPTLY_MS, within } from './arena.js';

const hex = (bytes: string): Buffer => Buffer.from(bytes.replaceAll(' ', ''), 'hex');

describe('Hostile frames', () => {
  const the = new Arena();

  it.each([
    ['F1: a bare frame', '81 01 61'],
    ['F2: RSV1 without an extension', 'c1 81 00000000 61'],
    ['F2: RSV2', 'a1 81 00000000 61'],
    ['F2: RSV3', '91 81 00000000 61'],
    ['F4: RSV2 on a bare binary frame', 'a2 00'],
    ['F5: a length not minimally encoded', '81 fe 0001 00000000 61'],
    ['F7: a length with its highest bit set', '82 ff 8000000000000000 00000000'],
    ...[3, 4, 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf].map((opcode) => [
      `F3: opcode ${opcode}`,
      `8${opcode.toString(16)} 80 00000000`,
    ]),
  ])('%s is closed with 1002', async (_, bytes) => {
    const { code, received, afterMs } = await the.attack(hex(bytes));
    expect({ code, received }).toEqual({ code: 1002, received: [] });
    expect(afterMs).toBeLessThan(PROMPTLY_MS);
  });

  it('F4: an application without an error listener sees close only', async () => {
    const closed: number[] = [];
    the.server.websockets.once('connection', (socket) => {
      socket.removeAllListeners('error');
      socket.on('close', (code) => closed.push(code));
    });
    const { code } = await the.attack(hex('a2 00'));
    await within(PROMPTLY_MS, () => closed.length > 0);
    expect({ code, closed }).toEqual({ code: 1002, closed: [1006] });
  });

  it('F6: a frame cut at any place is the same frame', async () => {
    const message = Buffer.alloc(300, 'abc');
    const bytes = encodeFrame(text(message), 'client');
    const peer = await the.open();
    for (let cut = 1; cut < 16; cut++) {
      await peer.send(Buffer.concat([bytes]), inPiecesOf(cut));
      expect((await peer.next()).payload).toEqual(message);
    }
    await peer.send(bytes, byteByByte);
    expect((await peer.next()).payload).toEqual(message);
    peer.destroy();
  });

  it.each([
    ['F8: a length near 2^63', hex('82 ff 7fffffffffffffff 00000000')],
    ['F8: a length beyond 2^53', hex('82 ff 0020000000000000 00000000')],
    ['F9: one byte more than a message may have', header(256 * 1024 + 1)],
  ])('%s is closed with 1009 at the header', async (_, bytes) => {
    const { code, afterMs } = await the.attack(bytes);
    expect(code).toBe(1009);
    expect(afterMs).toBeLessThan(PROMPTLY_MS);
  });

  it('F9: a peer that goes on sending after 1009 still gets the close frame', async () => {
    const { code } = await the.attack([header(256 * 1024 + 1), Buffer.alloc(MiB)]);
    expect(code).toBe(1009);
  });

  it('answers a broken frame once, however much comes behind it', async () => {
    const bad = frame(3, 'x');
    const { code, received } = await the.attack(Array.from({ length: 1_000 }, () => bad));
    expect({ code, received }).toEqual({ code: 1002, received: [] });
  });
});

describe('Hostile frames on a server for large messages', () => {
  const the = new Arena({ maxPayload: 64 * MiB });

  it('F10: a declared length costs nothing until the bytes come', async () => {
    const peers: RawPeer[] = [];
    const grown = await the.growth(async () => {
      for (let i = 0; i < 50; i++) {
        const peer = await the.open();
        await peer.send([header(64 * MiB), Buffer.alloc(1)]);
        peers.push(peer);
      }
      await within(PROMPTLY_MS, () => the.server.websockets.clients.size === 51);
    });
    for (const peer of peers) peer.destroy();
    // 64 KiB of first buffer each, and what a connection costs by itself
    expect(grown).toBeLessThan(50 * 128 * 1024);
  });

  it('F10: memory follows what has come of a message, not what was promised', async () => {
    const peer = await the.open();
    const grown = await the.growth(async () => {
      await peer.send([header(64 * MiB), Buffer.alloc(MiB)]);
      await within(PROMPTLY_MS, () => bytesRead(the) > MiB);
    });
    peer.destroy();
    expect(grown).toBeLessThan(6 * MiB);
  });
});

/** The header of a masked binary frame, without its payload. */
function header(length: number): Buffer {
  return encodeFrame(binary('', { declaredLength: length, lengthBits: 64 }), 'client');
}

const bytesRead = (the: Arena): number => Math.max(...the.server.bytesRead());
