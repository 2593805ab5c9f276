import { describe, expect, it } from '@jest/globals';
import type { OriginPolicy } from 'nestwire/websocket';
import { agreedOrigin } from '../../../lib/nest/gateway/agreed-origin.js';

const LIST = ['https://a.example', /b/];

const allow = (): boolean => true;

describe('the origin policy of gateways on one path', () => {
  it.each<[string, readonly { readonly origin?: OriginPolicy }[], OriginPolicy | undefined]>([
    ['none has one', [{}, {}], undefined],
    ['one has one', [{}, { origin: 'any' }], 'any'],
    ['both have the same', [{ origin: allow }, { origin: allow }], allow],
    ['both have the same list', [{ origin: [...LIST] }, { origin: LIST }], LIST],
  ])('is theirs where %s', (_case, gateways, expected) => {
    expect(agreedOrigin('/chat', gateways)).toEqual(expected);
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
