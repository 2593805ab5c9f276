import { describe, expect, it } from '@jest/globals';
import { encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { MAX_DEPTH, findBadShape } from '../../../lib/protocol/codec/msgpack-shape.js';
import { seed } from '../../support/seed.js';

const nested = (depth: number): unknown => (depth === 1 ? 1 : [nested(depth - 1)]);

const everyKind = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium' },
    fc.constantFrom(null, true, new Date(0), new Date(1), new Date(2 ** 36)),
    fc.maxSafeInteger(),
    fc.double(),
    fc.string({ maxLength: 300 }),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie('value'), { maxLength: 40 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 40 }),
  ),
})).value;

describe('the shape of a MessagePack message', () => {
  it('is good, whatever an encoder wrote', () => {
    const good = fc.property(everyKind, (value) => findBadShape(encode(value)) === undefined);

    fc.assert(good, { seed, numRuns: 200 });
  });

  it.each<[string, unknown]>([
    ['long text', 'x'.repeat(70_000)],
    ['many bytes', new Uint8Array(70_000)],
    ['a long array', Array(70_000).fill(0)],
    ['a large map', Object.fromEntries(Array.from({ length: 70_000 }, (_, i) => [`k${i}`, i]))],
    ['the deepest nesting', nested(MAX_DEPTH)],
  ])('is good with %s', (_, value) => {
    expect(findBadShape(encode(value))).toBeUndefined();
  });

  it.each([0xc7, 0xc8, 0xc9, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8])(
    'has an extension of head %d end where it ends',
    (head) => {
      const lengthBytes = { 0xc7: [3], 0xc8: [0, 3], 0xc9: [0, 0, 0, 3] }[head] ?? [];
      const dataBytes = lengthBytes.length > 0 ? 3 : 2 ** (head - 0xd4);
      const extension = [head, ...lengthBytes, 42, ...Array<number>(dataBytes).fill(0xdd)];

      expect(findBadShape(Uint8Array.of(0x92, ...extension, 1))).toBeUndefined();
      expect(findBadShape(Uint8Array.of(0x92, ...extension))).toContain('declares more');
    },
  );

  it.each<[string, number[]]>([
    ['nothing', []],
    ['an array of 2^32 - 1 elements', [0xdd, 0xff, 0xff, 0xff, 0xff]],
    ['a map of 2^32 - 1 entries', [0xdf, 0xff, 0xff, 0xff, 0xff]],
    ['a map of 2^16 - 1 entries', [0xde, 0xff, 0xff]],
    ['a map of which only keys can be there', [0x83, 1, 1, 1, 1, 1]],
    ['text of 2^32 - 1 bytes before something else', [0x92, 0xdb, 0xff, 0xff, 0xff, 0xff, 1]],
    ['a length that breaks off', [0x92, 0xc6, 0xff]],
    ['arrays that each could be true, but not all', [0x93, 0x93, 0x93, 1, 1, 1]],
  ])('is bad when it declares %s', (_, bytes) => {
    expect(findBadShape(Uint8Array.from(bytes))).toMatch(/^message of \d+ bytes declares more than that$/);
  });

  it('is bad when it is nested a hundred thousand deep, or one too deep', () => {
    expect(findBadShape(new Uint8Array(100_000).fill(0x91))).toBe('message is nested deeper than 100');
    expect(findBadShape(encode(nested(MAX_DEPTH + 1), { maxDepth: 1000 }))).toContain('deeper');
  });

  it('is found out before anything is made of it: arrays of 32 Mi elements in one another', () => {
    const header = [0xdd, 2, 0, 0, 0];
    const bytes = Uint8Array.from(Array.from({ length: 50_000 }, () => header).flat());

    expect(findBadShape(bytes)).toContain('declares more');
  });
});
