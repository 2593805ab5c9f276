/**
 * UTF-8, valid and not, after Markus Kuhn's stress test with what RFC 3629 says today: nothing beyond
 * U+10FFFF, no surrogates, no overlong forms; non-characters are characters all the same.
 */

export interface Sequences {
  readonly group: string;
  readonly hex: readonly string[];
}

const hex = (...codePoints: number[]): string =>
  Buffer.from(String.fromCodePoint(...codePoints)).toString('hex');
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);
/** Each of these bytes followed by a space. */
const lonely = (from: number, to: number): string =>
  Buffer.from(range(from, to).flatMap((byte) => [byte, 0x20])).toString('hex');

const planes = range(0, 16).map((plane) => plane * 0x1_0000);

export const validSequences: readonly Sequences[] = [
  { group: 'ASCII and Latin', hex: [hex(0x24), Buffer.from('Hello-µ@ßöäüàá-UTF-8!!').toString('hex')] },
  { group: 'Greek', hex: [Buffer.from('κόσμε').toString('hex')] },
  { group: 'characters of four bytes', hex: [Buffer.from('😀 𝄞 👩‍👩‍👧').toString('hex')] },
  { group: 'the first of each length', hex: [hex(0), hex(0x80), hex(0x800), hex(0x1_0000)] },
  { group: 'the last of each length', hex: [hex(0x7f), hex(0x7ff), hex(0xffff), hex(0x10_ffff)] },
  { group: 'next to the surrogates', hex: [hex(0xd7ff), hex(0xe000)] },
  { group: 'replacement and special characters', hex: range(0xfff9, 0xfffd).map((point) => hex(point)) },
  { group: 'a byte order mark', hex: ['efbbbf', 'efbbbf61', '61efbbbf'] },
  { group: 'non-characters of every plane', hex: planes.map((plane) => hex(plane + 0xfffe, plane + 0xffff)) },
  { group: 'non-characters of the Arabic block', hex: [hex(...range(0xfdd0, 0xfdef))] },
];

export const invalidSequences: readonly Sequences[] = [
  { group: 'five and six bytes, first', hex: ['f888808080', 'fc8480808080'] },
  { group: 'four to six bytes, last', hex: ['f7bfbfbf', 'fbbfbfbfbf', 'fdbfbfbfbfbf'] },
  { group: 'beyond U+10FFFF', hex: ['f4908080', 'f5808080', 'f7808080'] },
  {
    group: 'unexpected continuation bytes',
    hex: [
      '80',
      'bf',
      '80bf',
      '80bf80',
      '80bf80bf',
      '80bf80bf80',
      '80bf80bf80bf',
      Buffer.from(range(0x80, 0xbf)).toString('hex'),
    ],
  },
  {
    group: 'lonely start bytes',
    hex: [lonely(0xc0, 0xdf), lonely(0xe0, 0xef), lonely(0xf0, 0xf7), lonely(0xf8, 0xfb), lonely(0xfc, 0xfd)],
  },
  {
    group: 'the last continuation byte missing',
    hex: [
      'c0',
      'c2',
      'e080',
      'e0a0',
      'f08080',
      'f09080',
      'f8808080',
      'fc80808080',
      'df',
      'efbf',
      'f7bfbf',
      'f48fbf',
      'fbbfbfbf',
      'fdbfbfbfbf',
    ],
  },
  {
    group: 'incomplete ones in a row',
    hex: ['c0e080f08080f8808080fc80808080dfefbff7bfbffbbfbfbffdbfbfbfbf'],
  },
  { group: 'impossible bytes', hex: ['fe', 'ff', 'fefeffff', '61ff'] },
  { group: 'overlong slashes', hex: ['c0af', 'e080af', 'f08080af', 'f8808080af', 'fc80808080af'] },
  { group: 'the longest overlong forms', hex: ['c1bf', 'e09fbf', 'f08fbfbf', 'f887bfbfbf', 'fc83bfbfbfbf'] },
  { group: 'overlong NUL', hex: ['c080', 'e08080', 'f0808080', 'f880808080', 'fc8080808080'] },
  { group: 'single surrogates', hex: ['eda080', 'edadbf', 'edae80', 'edafbf', 'edb080', 'edbe80', 'edbfbf'] },
  {
    group: 'paired surrogates',
    hex: [
      'eda080edb080',
      'eda080edbfbf',
      'edadbfedb080',
      'edadbfedbfbf',
      'edae80edb080',
      'edae80edbfbf',
      'edafbfedb080',
      'edafbfedbfbf',
    ],
  },
  { group: 'good text around a surrogate', hex: ['cebae1bdb9cf83cebcceb5eda080656469746564'] },
];

/** Up to and including the byte after which nothing can mend it. */
export const brokenPrefixes: readonly string[] = [
  '80',
  'bf',
  'c0',
  'c1',
  'f5',
  'f8',
  'fe',
  'ff',
  'c220',
  'e080',
  'e09f',
  'e0a020',
  'eda0',
  'edbf',
  'ef20',
  'f080',
  'f08f',
  'f490',
  'f4bf',
  'f09020',
  'f0908020',
  'cebae1bdb9cf83cebcceb5f490',
];
