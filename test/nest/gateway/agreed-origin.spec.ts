import { describe, expect, it } from '@jest/globals';
import { agreedOrigin } from '../../../lib/nest/gateway/agreed-origin.js';

const allow = (): boolean => true;

describe('the origin policy of gateways on one path', () => {
  it.each([
    ['none has one', [{}, {}], undefined],
    ['one has one', [{}, { origin: 'any' as const }], 'any'],
    ['both have the same', [{ origin: allow }, { origin: allow }], allow],
    [
      'both have the same list',
      [{ origin: ['https://a.example', /b/] }, { origin: ['https://a.example', /b/] }],
    ],
  ])('is theirs where %s', (_case, gateways, expected = gateways[0]!.origin) => {
    expect(agreedOrigin('/chat', gateways)).toBe(expected);
  });

  it.each([
    ['any' as const, 'same' as const],
    [['https://a.example'], ['https://a.example', 'https://b.example']],
    [/a/, /b/],
    ['same' as const, allow],
  ])('is not to be had of %p and %p', (a, b) => {
    expect(() => agreedOrigin('/chat', [{ origin: a as never }, {}, { origin: b as never }])).toThrow(
      'gateways on /chat have different origins: they share their connections',
    );
  });
});
