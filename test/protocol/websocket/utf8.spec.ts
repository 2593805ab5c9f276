import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { validateUtf8Prefix } from '../../../lib/protocol/websocket/utf8.js';
import { seed } from '../../support/seed.js';
import { everyCutInTwo, splits } from '../../support/splits.js';

const decodes = (bytes: Uint8Array): boolean => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
};

/** Whether some continuation makes it valid, tried out on the decoder: it streams, and fails no later. */
const canBecomeValid = (bytes: Uint8Array): boolean => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
};

/** Where the text is certain up to after each piece; ends at the first -1. */
function validateInPieces(pieces: readonly Buffer[]): number[] {
  const bytes = Buffer.concat(pieces);
  const positions: number[] = [];
  let certain = 0;
  let to = 0;
  for (const piece of pieces) {
    to += piece.length;
    certain = validateUtf8Prefix(bytes, certain, to);
    positions.push(certain);
    if (certain < 0) break;
  }
  return positions;
}

const GOOD: readonly (readonly [string, Buffer])[] = [
  ['nothing', Buffer.alloc(0)],
  ['ASCII', Buffer.from('plain')],
  ['NUL and DEL', Buffer.of(0x00, 0x7f)],
  ['two bytes, lowest U+0080 and highest U+07FF', Buffer.of(0xc2, 0x80, 0xdf, 0xbf)],
  ['three bytes, lowest U+0800', Buffer.of(0xe0, 0xa0, 0x80)],
  ['three bytes, highest U+FFFF', Buffer.of(0xef, 0xbf, 0xbf)],
  ['the code points beside the surrogates', Buffer.of(0xed, 0x9f, 0xbf, 0xee, 0x80, 0x80)],
  ['four bytes, lowest U+10000', Buffer.of(0xf0, 0x90, 0x80, 0x80)],
  ['four bytes, highest U+10FFFF', Buffer.of(0xf4, 0x8f, 0xbf, 0xbf)],
  ['a byte order mark', Buffer.of(0xef, 0xbb, 0xbf, 0x61)],
  ['a mixture', Buffer.from('aé€😀 κόσμε 日本 ÿ߿ࠀ￿😀!')],
];

const BAD: readonly (readonly [string, Buffer])[] = [
  ['a continuation byte alone', Buffer.of(0x80)],
  ['two continuation bytes alone', Buffer.of(0xbf, 0x80)],
  ['four continuation bytes alone', Buffer.of(0x80, 0x80, 0x80, 0x80)],
  ['an overlong NUL', Buffer.of(0xc0, 0x80)],
  ['an overlong DEL', Buffer.of(0xc1, 0xbf)],
  ['an overlong form in three bytes', Buffer.of(0xe0, 0x9f, 0xbf)],
  ['an overlong form in four bytes', Buffer.of(0xf0, 0x8f, 0xbf, 0xbf)],
  ['the lowest surrogate', Buffer.of(0xed, 0xa0, 0x80)],
  ['the highest surrogate', Buffer.of(0xed, 0xbf, 0xbf)],
  ['a pair of surrogates', Buffer.of(0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80)],
  ['the first beyond U+10FFFF', Buffer.of(0xf4, 0x90, 0x80, 0x80)],
  ['lead byte F5', Buffer.of(0xf5, 0x80, 0x80, 0x80)],
  ['lead byte F8 of five bytes', Buffer.of(0xf8, 0x88, 0x80, 0x80, 0x80)],
  ['lead byte FC of six bytes', Buffer.of(0xfc, 0x84, 0x80, 0x80, 0x80, 0x80)],
  ['FE', Buffer.of(0xfe)],
  ['FF', Buffer.of(0xff)],
  ['two bytes, the second ASCII', Buffer.of(0xc3, 0x41)],
  ['two bytes, the second a lead byte', Buffer.of(0xc3, 0xc3)],
  ['three bytes, the third ASCII', Buffer.of(0xe2, 0x82, 0x41)],
  ['three bytes, the third a lead byte', Buffer.of(0xe2, 0x82, 0xe2)],
  ['four bytes, the fourth ASCII', Buffer.of(0xf0, 0x9f, 0x98, 0x41)],
  ['four bytes, the fourth a lead byte', Buffer.of(0xf0, 0x9f, 0x98, 0xf0)],
  ['one continuation byte too many', Buffer.of(0xf0, 0x9f, 0x98, 0x80, 0x80)],
];

describe.each(GOOD)('valid text: %s', (_name, bytes) => {
  it.each(splits)('is certain to its end, $name', ({ cut }) => {
    expect(decodes(bytes)).toBe(true);
    expect(validateInPieces(cut(bytes)).at(-1) ?? 0).toBe(bytes.length);
  });

  it('is certain up to the last whole code point at every cut', () => {
    for (const [before, after] of everyCutInTwo(bytes)) {
      const [certain] = validateInPieces([before, after]);
      expect(decodes(before.subarray(0, certain))).toBe(true);
      expect(before.length - certain!).toBeLessThanOrEqual(3);
      expect(certain === before.length).toBe(decodes(before));
    }
  });
});

describe.each(BAD)('invalid text: %s', (_name, bad) => {
  const surroundings = [
    bad,
    Buffer.concat([Buffer.from('é😀'), bad]),
    Buffer.concat([bad, Buffer.from('a€')]),
  ];

  it('is what TextDecoder refuses', () => {
    for (const bytes of surroundings) expect(decodes(bytes)).toBe(false);
  });

  it('is refused wherever it is cut in two', () => {
    for (const bytes of surroundings) {
      for (const halves of everyCutInTwo(bytes)) expect(validateInPieces(halves).at(-1)).toBe(-1);
    }
  });

  it('fails byte by byte at the first octet which no continuation could mend', () => {
    for (const bytes of surroundings) {
      const fatal = Array.from(bytes.keys()).find((at) => !canBecomeValid(bytes.subarray(0, at + 1)))!;
      const positions = validateInPieces(Array.from(bytes, (octet) => Buffer.of(octet)));
      expect(positions.indexOf(-1)).toBe(fatal);
    }
  });
});

describe('text that ends inside a code point', () => {
  it.each([
    [Buffer.of(0xc3), 0],
    [Buffer.of(0x61, 0xe2), 1],
    [Buffer.of(0x61, 0xe2, 0x82), 1],
    [Buffer.of(0x61, 0x62, 0xf0), 2],
    [Buffer.of(0x61, 0x62, 0xf0, 0x9f), 2],
    [Buffer.of(0x61, 0x62, 0xf0, 0x9f, 0x98), 2],
  ])('%j may go on: it is certain up to byte %d', (bytes, certain) => {
    expect(validateUtf8Prefix(bytes, 0, bytes.length)).toBe(certain);
  });

  it('is judged from where it was certain, not from the start of the buffer', () => {
    const bytes = Buffer.of(0xff, 0xc3, 0xa9);
    expect(validateUtf8Prefix(bytes, 1, 2)).toBe(1);
    expect(validateUtf8Prefix(bytes, 1, 3)).toBe(3);
  });
});

describe('every beginning of one to three bytes', () => {
  // The bounds of all classes of bytes in RFC 3629 §4, and their neighbours
  const edges = [
    0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xf0, 0xf4, 0xff,
  ];
  const octets = Array.from({ length: 256 }, (_, octet) => octet);
  const beginnings = octets.flatMap((first) => [
    [first],
    ...edges.map((second) => [first, second]),
    ...edges.flatMap((second) => edges.map((third) => [first, second, third])),
  ]);

  it('may go on exactly where a streaming TextDecoder goes on', () => {
    const differing = beginnings.filter((bytes) => {
      const mayGoOn = validateUtf8Prefix(Buffer.from(bytes), 0, bytes.length) >= 0;
      return mayGoOn !== canBecomeValid(Uint8Array.from(bytes));
    });
    expect(differing).toEqual([]);
  });
});

describe('any bytes in any two pieces', () => {
  it(`are judged as TextDecoder judges the whole (TEST_SEED=${seed})`, () => {
    const text = fc.string({ unit: 'binary' }).map((string) => Buffer.from(string));
    const anything = fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.oneof(text, anything), fc.nat(), (bytes, cut) => {
        const at = bytes.length === 0 ? 0 : cut % bytes.length;
        const end = validateInPieces([bytes.subarray(0, at), bytes.subarray(at)]).at(-1);
        expect(end === bytes.length).toBe(decodes(bytes));
      }),
      { seed, numRuns: 500 },
    );
  });
});
