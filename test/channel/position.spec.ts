import { describe, expect, it } from '@jest/globals';
import { formatCursor, parseCursor } from '../../lib/channel/index.js';

describe('a cursor', () => {
  it('is read back as it was written', () => {
    const position = { epoch: 'aZ_-09', offset: Number.MAX_SAFE_INTEGER };

    expect(parseCursor(formatCursor(position))).toEqual(position);
    expect(formatCursor({ epoch: 'e', offset: 0 })).toBe('1.e.0');
  });

  it.each([
    '',
    '1',
    '1.e',
    '1.e.',
    '1..1',
    '2.e.1',
    '1.e.01',
    '1.e.-1',
    '1.e.1.',
    '1.e.9007199254740992',
    '1.e .1',
  ])('is not "%s"', (text) => {
    expect(parseCursor(text)).toBeUndefined();
  });

  it('has at most 64 bytes', () => {
    expect(formatCursor({ epoch: 'e'.repeat(40), offset: Number.MAX_SAFE_INTEGER }).length).toBeLessThan(64);
    expect(parseCursor(`1.${'e'.repeat(41)}.1`)).toBeUndefined();
  });
});
