import { describe, expect, it } from '@jest/globals';
import { clientNetwork, usualAddress } from '../../../lib/transport/admission/address.js';

describe('the usual form of an address', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:201', '192.0.2.1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::1', '::1'],
  ])('of %s is %s', (text, usual) => {
    expect(usualAddress(text)).toBe(usual);
  });

  it.each([
    '',
    'unknown',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4:80',
    '[::1]',
    ':::',
    'g::',
  ])('is not for %j, which is none', (text) => {
    expect(usualAddress(text)).toBeUndefined();
  });
});

describe('one client', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::6', '2001:db8:1:2'],
    ['2001:db8::5:6', '2001:db8:0:0'],
    ['2001:db8::3:4:5:6', '2001:db8:0:0'],
    ['2001:db8::2:3:4:5:6', '2001:db8:0:2'],
    ['2001:db8:1::', '2001:db8:1:0'],
    ['::1', '0:0:0:0'],
    ['::', '0:0:0:0'],
  ])('at %s is counted as %s', (address, network) => {
    expect(clientNetwork(address)).toBe(network);
  });
});
