import { describe, expect, it } from '@jest/globals';
import { readCursors, readResume, readRetryHint } from '../../../lib/protocol/envelope/index.js';

describe('cursors that a client names', () => {
  it('are texts by channel, whatever its name', () => {
    const data = JSON.parse('{"cursors":{"__proto__":"1.e.1","lobby":"1.e.2"}}') as unknown;
    expect(readCursors(data)).toEqual(
      new Map([
        ['__proto__', '1.e.1'],
        ['lobby', '1.e.2'],
      ]),
    );
  });

  it('are none where nothing is said of them', () => {
    for (const data of [undefined, null, 1, {}, { cursors: null }])
      expect(readCursors(data)).toEqual(new Map());
  });

  it.each([['x'], [1], [{ c: 1 }], [{ c: null }], [{ c: 'x'.repeat(65) }], [{ ['c'.repeat(256)]: '1.e.1' }]])(
    'are refused: %j',
    (cursors) => {
      expect(readCursors({ cursors })).toBeUndefined();
      expect(readResume({ event: 'nestwire:resume', data: { received: 0, cursors } })).toBeUndefined();
    },
  );
});

describe('the hint in a close reason', () => {
  it.each([
    ['retry=0', 0],
    ['retry=1500', 1500],
    ['retry=-1', undefined],
    ['retry=1e3', undefined],
    ['retry=9999999999', undefined],
    ['please retry=1', undefined],
    ['', undefined],
  ])('of "%s" is %p', (reason, ms) => {
    expect(readRetryHint(reason)).toBe(ms);
  });
});
