import { expect, it } from '@jest/globals';
import { sameSecret } from 'nestwire';

it.each([
  ['secret', 'secret', true],
  ['secret', 'secreT', false],
  ['secret', 'secret ', false],
  ['', '', true],
  ['', 'secret', false],
])('"%s" and "%s" are the same secret: %s', (given, expected, isSame) => {
  expect(sameSecret(given, expected)).toBe(isSame);
});
