import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type ExtensionParameters,
  readExtensions,
  writeExtension,
} from '../../../../lib/protocol/websocket/extensions/extension-header.js';
import { seed } from '../../../support/seed.js';

/** Elements as plain values. */
const read = (value: string) =>
  readExtensions(value)?.map(({ name, parameters }) => [name, Object.fromEntries(parameters)]);

describe('Sec-WebSocket-Extensions (RFC 6455 §9.1)', () => {
  it.each<[string, unknown]>([
    ['foo', [['foo', {}]]],
    [
      'foo, bar',
      [
        ['foo', {}],
        ['bar', {}],
      ],
    ],
    ['foo; a', [['foo', { a: true }]]],
    ['foo; a=1', [['foo', { a: '1' }]]],
    ['foo;a=1;b;c=x', [['foo', { a: '1', b: true, c: 'x' }]]],
    ['foo; a="1"', [['foo', { a: '1' }]]],
    ['foo; a="\\1\\2"', [['foo', { a: '12' }]]],
    [
      'foo ; a = 1 , bar\t;\tb',
      [
        ['foo', { a: '1' }],
        ['bar', { b: true }],
      ],
    ],
    [
      ',, foo,,bar,',
      [
        ['foo', {}],
        ['bar', {}],
      ],
    ],
    [
      'foo; a=1, foo',
      [
        ['foo', { a: '1' }],
        ['foo', {}],
      ],
    ],
    ['foo; A=1; a=2', [['foo', { A: '1', a: '2' }]]],
    ['foo; __proto__=1; constructor', [['foo', { ['__proto__']: '1', constructor: true }]]],
  ])('%s is read', (value, elements) => {
    expect(read(value)).toEqual(elements);
  });

  it.each([
    '',
    ' ',
    ',',
    ';',
    'foo;',
    'foo;;a',
    '; a',
    'foo bar',
    'foo; a b',
    'foo; a=',
    'foo; =1',
    'foo; a=1=2',
    'foo; a="',
    'foo; a="1',
    'foo; a=1"',
    'foo; a=""',
    'foo; a="1 2"',
    'foo; a="1,2"',
    'foo; a="1;2"',
    'foo; a="1"2"',
    'foo; a="1\\"',
    '"foo"',
    'f/o',
    'foo; é',
    'foo, "',
  ])('%j does not follow the grammar', (value) => {
    expect(readExtensions(value)).toBeUndefined();
  });

  it.each([
    ['foo; a; a', true],
    ['foo; a=1; a=1', true],
    ['foo; a; b=1', false],
    ['foo; a, foo; a', false],
  ])('tells whether a parameter is repeated: %s', (value, hasRepeated) => {
    expect(readExtensions(value)!.some((element) => element.hasRepeated)).toBe(hasRepeated);
  });

  it('is read as far as 16 elements', () => {
    const many = Array.from({ length: 1000 }, (_, i) => `x${i}`).join(', ');
    expect(readExtensions(many)!.map(({ name }) => name)).toEqual(
      Array.from({ length: 16 }, (_, i) => `x${i}`),
    );
  });

  it.each([
    ['backslashes in quotes', `a; b="${'\\c'.repeat(20_000)}`],
    ['blanks', `a;${' '.repeat(50_000)}x y`],
    ['quotes', `a; b=${'"'.repeat(50_000)}`],
    ['separators', `a${';'.repeat(50_000)}`],
  ])('with many %s is read in linear time', (_what, value) => {
    const started = performance.now();
    expect(readExtensions(value)).toBeUndefined();
    // Going back and forth over 50,000 characters takes seconds
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('writing an extension', () => {
  it('puts parameters behind the name', () => {
    const parameters: ExtensionParameters = new Map<string, string | true>([
      ['a', true],
      ['b', '12'],
    ]);
    expect(writeExtension('foo', parameters)).toBe('foo; a; b=12');
    expect(writeExtension('foo', new Map())).toBe('foo');
  });

  it(`is undone by reading (TEST_SEED=${seed})`, () => {
    const token = fc.stringMatching(/^[a-zA-Z0-9_-]{1,12}$/);
    const parameter = fc.tuple(token, fc.oneof(token, fc.constant<true>(true)));
    fc.assert(
      fc.property(token, fc.uniqueArray(parameter, { selector: ([name]) => name }), (name, entries) => {
        const parameters = new Map(entries);
        expect(readExtensions(writeExtension(name, parameters))).toEqual([
          { name, parameters, hasRepeated: false },
        ]);
      }),
      { seed },
    );
  });
});
