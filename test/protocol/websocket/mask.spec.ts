import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { maskInto, rotateKey } from '../../../lib/protocol/websocket/mask.js';
import { randomBytesFrom, seed } from '../../support/seed.js';
import { masked } from './frames.js';

/** Octet 3 has its highest bit set: as an integer the key is negative. */
const OCTETS = [0x37, 0xfa, 0x21, 0xbd];
const keyOf = (octets: readonly number[]): number => Buffer.from(octets).readInt32LE();
const BYTES = randomBytesFrom(seed, 4096);
const SENTINEL = 0x5a;

/** Masks into the middle of a larger buffer and tells whether anything outside was touched. */
function maskAt(source: Buffer, from: number, length: number, key: number, to: number) {
  const target = Buffer.alloc(to + length + 8, SENTINEL);
  const seen = maskInto(source, from, length, key, target, to);
  const outside = Buffer.concat([target.subarray(0, to), target.subarray(to + length)]);
  return { seen, written: target.subarray(to, to + length), outside };
}

describe('masking (RFC 6455 §5.3)', () => {
  it(`equals XOR octet by octet for every length from 0 to 300 (TEST_SEED=${seed})`, () => {
    for (let length = 0; length <= 300; length++) {
      const { written, outside } = maskAt(BYTES, 0, length, keyOf(OCTETS), 4);
      expect({ length, written }).toEqual({ length, written: masked(BYTES.subarray(0, length), OCTETS) });
      expect(outside.every((octet) => octet === SENTINEL)).toBe(true);
    }
  });

  // Around the size from which words are used, and the remainders of words and of four words
  const lengths = [
    0, 1, 2, 3, 4, 5, 7, 63, 188, 190, 191, 192, 193, 194, 195, 196, 207, 208, 209, 1023, 1025,
  ];

  it.each(lengths)('of %d bytes depends on no alignment of source or target', (length) => {
    const expected = (from: number): Buffer => masked(BYTES.subarray(from, from + length), OCTETS);
    for (let from = 0; from < 8; from++) {
      for (let to = 0; to < 8; to++) {
        const { written } = maskAt(BYTES, from, length, keyOf(OCTETS), to);
        expect({ from, to, written }).toEqual({ from, to, written: expected(from) });
      }
    }
  });

  it('depends on no alignment of the memory behind a target', () => {
    for (let offset = 0; offset < 8; offset++) {
      const target = Buffer.from(new ArrayBuffer(512), offset, 400);
      maskInto(BYTES, 0, 300, keyOf(OCTETS), target, 3);
      expect(target.subarray(3, 303)).toEqual(masked(BYTES.subarray(0, 300), OCTETS));
    }
  });

  it.each([64 * 1024, 1024 * 1024 + 3])('of a payload of %d bytes is right to the last', (length) => {
    const source = Buffer.alloc(length, BYTES);
    const { written } = maskAt(source, 0, length, keyOf(OCTETS), 1);
    expect(written.equals(masked(source, OCTETS))).toBe(true);
  });

  it.each([5, 191, 192, 1000])('in place, of %d bytes, is its own inverse', (length) => {
    const buffer = Buffer.from(BYTES.subarray(0, length + 3));
    maskInto(buffer, 3, length, keyOf(OCTETS), buffer, 3);
    expect(buffer.subarray(3)).toEqual(masked(BYTES.subarray(3, length + 3), OCTETS));
    maskInto(buffer, 3, length, keyOf(OCTETS), buffer, 3);
    expect(buffer).toEqual(BYTES.subarray(0, length + 3));
  });

  it.each([10, 500])('with the key 0 copies, %d bytes', (length) => {
    expect(maskAt(BYTES, 2, length, 0, 1).written).toEqual(BYTES.subarray(2, 2 + length));
  });

  it('leaves the source as it was', () => {
    const source = Buffer.from(BYTES);
    for (const length of [9, 600]) maskAt(source, 1, length, keyOf(OCTETS), 2);
    expect(source).toEqual(BYTES);
  });

  it('takes a key whose octets have their highest bits set', () => {
    for (const octets of [
      [0xff, 0xff, 0xff, 0xff],
      [0x80, 0, 0, 0x80],
      [0, 0, 0, 0xff],
    ]) {
      for (const length of [7, 203]) {
        const { written } = maskAt(BYTES, 0, length, keyOf(octets), 0);
        expect(written).toEqual(masked(BYTES.subarray(0, length), octets));
      }
    }
  });
});

describe('what masking has seen', () => {
  const NO_KEY = 0;

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 191])('tells ASCII from the rest, wherever among %d bytes', (length) => {
    const ascii = Buffer.alloc(length, 'a');
    expect(maskAt(ascii, 0, length, NO_KEY, 0).seen).toBeLessThan(0x80);
    for (let at = 0; at < length; at++) {
      const bytes = Buffer.from(ascii);
      bytes[at] = 0xc3;
      expect(maskAt(bytes, 0, length, NO_KEY, 0).seen).toBeGreaterThanOrEqual(0x80);
    }
  });

  it('is about the bytes written, not those read', () => {
    const ascii = Buffer.from('plain text');
    const { seen } = maskAt(masked(ascii, OCTETS), 0, ascii.length, keyOf(OCTETS), 0);
    expect(seen).toBeLessThan(0x80);
  });

  it('is not known of many bytes, and says so', () => {
    expect(maskAt(Buffer.alloc(192, 'a'), 0, 192, NO_KEY, 0).seen).toBe(0xff);
  });

  it('is nothing for no bytes', () => {
    expect(maskAt(BYTES, 0, 0, keyOf(OCTETS), 0).seen).toBe(0);
  });
});

describe('turning a key', () => {
  it('gives the key as it applies from each phase on', () => {
    for (let phase = 0; phase < 9; phase++) {
      const turned = [0, 1, 2, 3].map((i) => OCTETS[(phase + i) % 4]!);
      expect({ phase, key: rotateKey(keyOf(OCTETS), phase) }).toEqual({ phase, key: keyOf(turned) });
    }
  });

  it('lets a payload be masked in parts, cut anywhere', () => {
    const payload = fc.uint8Array({ minLength: 0, maxLength: 600 });
    const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
    fc.assert(
      fc.property(payload, octets, fc.nat(600), (bytes, key, cut) => {
        const target = Buffer.alloc(bytes.length);
        const at = Math.min(cut, bytes.length);
        maskInto(bytes, 0, at, keyOf(key), target, 0);
        maskInto(bytes, at, bytes.length - at, rotateKey(keyOf(key), at), target, at);
        expect(target).toEqual(masked(bytes, key));
      }),
      { seed },
    );
  });
});
