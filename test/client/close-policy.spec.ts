import { describe, expect, it } from '@jest/globals';
import { afterClose, retryHintMs } from '../../lib/client/close-policy.js';

describe('After a connection has ended', () => {
  it.each([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 4400, 4403, 4409])(
    'with %d a client stays away',
    (code) => {
      expect(afterClose(code)).toBe('stay-away');
    },
  );

  it.each([1005, 1006, 1011, 1012, 1013, 4000, 4408, 4413, 4429])('with %d it comes back', (code) => {
    expect(afterClose(code)).toBe('come-back');
  });

  it('with 4401 it comes back with a new token', () => {
    expect(afterClose(4401)).toBe('renew-token');
  });

  it.each([
    ['retry=1500', 1_500],
    ['retry=0', 0],
    ['', 0],
    ['retry=', 0],
    ['retry=-5', 0],
    ['please retry=5', 0],
    ['retry=99999999999', 0],
  ])('the reason "%s" asks for a pause of %d ms', (reason, ms) => {
    expect(retryHintMs(reason)).toBe(ms);
  });
});
