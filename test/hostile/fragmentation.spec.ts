import { describe, expect, it } from '@jest/globals';
import { byteByByte, inOnePiece } from '../support/raw-peer-delivery.js';
import { binary, close, continuation, encodeFrame, frame, ping, text } from '../support/raw-peer-frames.js';
import { Arena, PROMPTLY_MS, within } from './arena.js';

const more = { fin: false };
const KiB = 1_024;

describe('Hostile fragmentation', () => {
  const delivered: string[] = [];
  const the = new Arena({}, (socket) => {
    socket.on('message', (data, isBinary) => {
      delivered.push((data as Buffer).toString());
      socket.send(data, { binary: isBinary });
    });
  });
  const deliveredByAttacker = (): string[] => delivered.filter((one) => !one.startsWith('bystander'));

  it.each([
    ['G1: a continuation of nothing', [continuation('x')]],
    ['G2: a text inside a text', [text('a', more), text('b')]],
    ['G2: a binary inside a text', [text('a', more), binary('b')]],
    ['G3: RSV1 on a continuation', [text('a', more), continuation('b', { rsv: 4 })]],
    ['G3: RSV1 on an unfinished continuation', [text('a', more), continuation('b', { rsv: 4, fin: false })]],
    ['an unknown control frame inside a message', [text('a', more), frame(0xb)]],
  ])('%s is closed with 1002', async (_, pieces) => {
    const { code, received, afterMs } = await the.attack(pieces);
    expect({ code, received }).toEqual({ code: 1002, received: [] });
    expect(afterMs).toBeLessThan(PROMPTLY_MS);
  });

  it.each([inOnePiece, byteByByte])(
    'G4: a ping between fragments is answered at once, $name',
    async (how) => {
      const peer = await the.open();
      await peer.send([text('first ', more), ping('now')], how);
      expect(await peer.next()).toMatchObject({ kind: 'pong', payload: Buffer.from('now') });
      await peer.send(continuation('second'), how);
      expect(await peer.next()).toMatchObject({ kind: 'text', payload: Buffer.from('first second') });
      peer.destroy();
    },
  );

  it('G5: a message cut off by a close is not delivered', async () => {
    delivered.length = 0;
    const { code, received } = await the.attack([
      text('never', more),
      close(1001),
      continuation('delivered'),
    ]);
    expect({ code, received }).toEqual({ code: 1001, received: [] });
    expect(deliveredByAttacker()).toEqual([]);
  });

  it('G5: a message cut off by the end of the stream is not delivered', async () => {
    delivered.length = 0;
    const peer = await the.open();
    await peer.send(text('never', more));
    peer.socket.end();
    await the.ending(peer);
    expect(deliveredByAttacker()).toEqual([]);
  });

  it('G6: fragments that exceed the limit together are closed with 1009 at the one that does', async () => {
    const peer = await the.open();
    await peer.send([
      binary(Buffer.alloc(200 * KiB), more),
      continuation(Buffer.alloc(56 * KiB), more),
      ping('exactly 256 KiB are legal'),
    ]);
    expect((await peer.next()).kind).toBe('pong');
    const headerOnly = encodeFrame(continuation('', { declaredLength: 1 }), 'client');
    await peer.send(headerOnly);
    expect(await the.ending(peer)).toMatchObject({ code: 1009, received: [] });
  });

  it('G6: exactly the limit comes back', async () => {
    const peer = await the.open();
    await peer.send([binary(Buffer.alloc(200 * KiB), more), continuation(Buffer.alloc(56 * KiB))]);
    expect((await peer.next()).payload).toHaveLength(256 * KiB);
    peer.destroy();
  });

  it('releases a message that its sender abandoned', async () => {
    const grown = await the.growth(async () => {
      for (let i = 0; i < 40; i++) {
        const peer = await the.open();
        await peer.send([binary(Buffer.alloc(200 * KiB), more), ping()]);
        await peer.next();
        peer.reset();
      }
      await within(PROMPTLY_MS, () => the.server.websockets.clients.size === 1);
    });
    expect(grown).toBeLessThan(KiB * KiB);
  });
});
