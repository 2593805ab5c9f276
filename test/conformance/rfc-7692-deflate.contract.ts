/** RFC 7692 §6 and §7.2: messages under permessage-deflate, whatever was agreed. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { byteByByte, inOnePiece, inRandomPieces } from '../support/raw-peer-delivery.js';
import { type DeflatePeer, RSV1 } from '../support/deflate-peer.js';
import { binary, close, continuation, ping, text, type FrameSpec } from '../support/raw-peer-frames.js';
import { type Received, inWords } from '../support/raw-peer-reader.js';
import { Random } from '../support/random.js';
import { seed } from '../support/seed.js';
import type { DeflateRole } from './deflate-role.js';

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const compressed = (hex: string, more: Partial<FrameSpec> = {}): FrameSpec =>
  text(bytes(hex), { rsv: RSV1, ...more });

export function deflateSuite(role: DeflateRole): void {
  beforeAll(() => role.start());
  afterAll(() => role.stop());
  exampleSuite(role);
  orderSuite(role);
  violationSuite(role);
}

async function withPeer(
  role: DeflateRole,
  act: (peer: DeflatePeer) => Promise<void>,
  parameters = '',
): Promise<void> {
  const peer = await role.open(parameters);
  try {
    await act(peer);
  } finally {
    peer.destroy();
  }
}

function exampleSuite(role: DeflateRole): void {
  describe('RFC 7692 §7.2.3, its examples', () => {
    it.each<[string, FrameSpec[], string[]]>([
      ['a compressed message', [compressed('f2 48 cd c9 c9 07 00')], ['Hello']],
      [
        'a message in two fragments',
        [compressed('f2 48 cd', { fin: false }), continuation(bytes('c9 c9 07 00'))],
        ['Hello'],
      ],
      [
        'a message that refers to the one before',
        [compressed('f2 48 cd c9 c9 07 00'), compressed('f2 00 11 00 00')],
        ['Hello', 'Hello'],
      ],
      ['a block without compression', [compressed('00 05 00 fa ff 48 65 6c 6c 6f 00')], ['Hello']],
      ['a block with BFINAL', [compressed('f3 48 cd c9 c9 07 00 00')], ['Hello']],
      ['two blocks', [compressed('f2 48 05 00 00 00 ff ff ca c9 c9 07 00')], ['Hello']],
      ['an empty message', [compressed('00')], ['']],
      [
        'a message behind one with BFINAL',
        [compressed('f3 48 cd c9 c9 07 00 00'), compressed('f2 48 cd c9 c9 07 00')],
        ['Hello', 'Hello'],
      ],
      ['an empty message of no bytes', [compressed('')], ['']],
      ['a message left uncompressed', [text('Hello')], ['Hello']],
      [
        'an uncompressed message between compressed ones is no part of the window',
        [compressed('f2 48 cd c9 c9 07 00'), text('something else'), compressed('f2 00 11 00 00')],
        ['Hello', 'something else', 'Hello'],
      ],
    ])('%s comes back', async (_, frames, words) => {
      for (const delivery of [inOnePiece, byteByByte, inRandomPieces(seed)]) {
        await withPeer(role, async (peer) => {
          void peer.raw.send(frames, delivery);
          for (const one of words) {
            expect(inWords(await peer.next())).toBe(inWords({ kind: 'text', payload: Buffer.from(one) }));
          }
        });
      }
    });

    it.each([1, 2, 3, 64, 1_300])(
      'a compressed message in fragments of %d bytes comes back',
      async (size) => {
        const words = 'Hello-µ@ßöäüàá-UTF-8!! κόσμε 😀 '.repeat(20);
        await withPeer(role, async (peer) => {
          await peer.send('text', words, size);
          expect((await peer.next()).payload.toString()).toBe(words);
        });
      },
    );
  });
}

function orderSuite(role: DeflateRole): void {
  const expectWords = async (
    peer: DeflatePeer,
    expected: Pick<Received, 'kind' | 'payload'>[],
  ): Promise<void> => {
    const received: string[] = [];
    while (received.length < expected.length) received.push(inWords(await peer.next()));
    expect(received).toEqual(expected.map(inWords));
  };

  describe('RFC 7692 §6, messages and control frames', () => {
    it('a ping between the fragments of a compressed message is answered first', async () => {
      await withPeer(role, async (peer) => {
        const frames = await peer.frames('text', 'compress me '.repeat(10), 5);
        await peer.raw.send([frames[0]!, ping('between'), ...frames.slice(1)]);
        expect((await peer.next()).kind).toBe('pong');
        expect((await peer.next()).payload.toString()).toBe('compress me '.repeat(10));
      });
    });

    it('messages of all sizes keep their order', async () => {
      const random = new Random(seed);
      const contents = Array.from({ length: 60 }, () => compressible(random, random.logUniform(1, 200_000)));
      await withPeer(role, async (peer) => {
        const frames: FrameSpec[] = [];
        for (const content of contents) frames.push(...(await peer.frames('binary', content)));
        void peer.raw.send(frames);
        await expectWords(
          peer,
          contents.map((payload) => ({ kind: 'binary', payload })),
        );
      });
    });

    it('a close behind large messages comes after their echo', async () => {
      const random = new Random(seed);
      const contents = [
        compressible(random, 200_000),
        compressible(random, 10),
        compressible(random, 100_000),
      ];
      await withPeer(role, async (peer) => {
        const frames: FrameSpec[] = [];
        for (const content of contents) frames.push(...(await peer.frames('binary', content)));
        void peer.raw.send([...frames, close(1000)]);
        await expectWords(peer, [
          ...contents.map((payload) => ({ kind: 'binary' as const, payload })),
          { kind: 'close', payload: bytes('03e8') },
        ]);
      });
    });
  });
}

function violationSuite(role: DeflateRole): void {
  const fails = async (code: number, frames: readonly FrameSpec[]): Promise<void> =>
    withPeer(role, async (peer) => {
      void peer.raw.send(frames);
      const received = await peer.untilEnded();
      expect(received.map(inWords)).toEqual([`close ${code}`]);
    });

  describe('RFC 7692 §6, violations', () => {
    it.each<[string, readonly FrameSpec[]]>([
      ['RSV1 on a ping', [ping('', { rsv: RSV1 })]],
      ['RSV1 on a close', [close(1000, '', { rsv: RSV1 })]],
      ['RSV1 on a continuation', [text('a', { fin: false }), continuation('b', { rsv: RSV1 })]],
      [
        'RSV1 on the continuation of a compressed message',
        [compressed('f2 48 cd', { fin: false }), continuation(bytes('c9 c9 07 00'), { rsv: RSV1 })],
      ],
      ['RSV2', [text('a', { rsv: 2 })]],
      ['RSV3', [text('a', { rsv: 1 })]],
      ['RSV1 and RSV2', [compressed('f2 48 cd c9 c9 07 00', { rsv: 6 })]],
    ])('%s fails with 1002', (_, frames) => fails(1002, frames));

    it.each<[string, readonly FrameSpec[]]>([
      ['a block of a reserved type', [compressed('06')]],
      ['bytes that are no DEFLATE', [compressed('ff ff ff ff')]],
      ['a distance that points before everything', [compressed('f2 00 11 00 00')]],
      ['text that is not UTF-8 once inflated', [compressed('00 01 00 fe ff ff 00')]],
      ['text whose last character is cut', [compressed('00 01 00 fe ff c3 00')]],
    ])('%s fails with 1007', (_, frames) => fails(1007, frames));

    it('a binary message need not be UTF-8 once inflated', async () => {
      await withPeer(role, async (peer) => {
        await peer.raw.send(binary(bytes('00 01 00 fe ff ff 00'), { rsv: RSV1 }));
        expect((await peer.next()).payload).toEqual(bytes('ff'));
      });
    });

    it('a message that exceeds the limit once inflated fails with 1009', async () => {
      await withPeer(role, async (peer) => {
        await peer.send('binary', Buffer.alloc(256 * 1024 + 1));
        expect((await peer.untilEnded()).map(inWords)).toEqual(['close 1009']);
      });
    });

    it('a message of exactly the limit once inflated comes back', async () => {
      await withPeer(role, async (peer) => {
        await peer.send('binary', Buffer.alloc(256 * 1024));
        expect((await peer.next()).payload).toHaveLength(256 * 1024);
      });
    });
  });
}

/** Words that come again, as in text, with noise between. */
export function compressible(random: Random, size: number): Buffer {
  const words = Array.from({ length: 16 }, () => random.bytes(random.between(3, 24)));
  const out = Buffer.alloc(size);
  for (let at = 0; at < size;) {
    const next = random.next() < 0.8 ? words[random.between(0, 15)]! : random.bytes(4);
    at += next.copy(out, at);
  }
  return out;
}
