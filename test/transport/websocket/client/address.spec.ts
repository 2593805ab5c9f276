import { describe, expect, it } from '@jest/globals';
import {
  mayKeepCredentials,
  readAddress,
  redirected,
} from '../../../../lib/transport/websocket/client/address.js';

describe('an address', () => {
  it.each([
    ['ws://example.com', 'http://example.com/'],
    ['wss://example.com/a?b', 'https://example.com/a?b'],
    ['WSS://EXAMPLE.com', 'https://example.com/'],
    ['http://example.com:81', 'http://example.com:81/'],
    ['https://example.com', 'https://example.com/'],
    ['ws://user:pass@[::1]:81/a', 'http://user:pass@[::1]:81/a'],
    ['ws://example.com:80', 'http://example.com/'],
    ['wss://example.com:443', 'https://example.com/'],
  ])('%s is read as %s', (address, url) => {
    expect(readAddress(address).href).toBe(url);
    expect(readAddress(new URL(address)).href).toBe(url);
  });

  it.each([
    ['', '"" is not a URL'],
    ['example.com', '"example.com" is not a URL'],
    ['/path', '"/path" is not a URL'],
    ['ftp://example.com', 'a WebSocket address begins with ws: or wss:, not ftp:'],
    ['ws+unix:///socket', 'a WebSocket address begins with ws: or wss:, not ws+unix:'],
    ['ws://example.com/#a', 'a WebSocket address has no fragment'],
    ['ws://example.com/#', 'a WebSocket address has no fragment'],
  ])('%j is refused', (address, message) => {
    expect(() => readAddress(address)).toThrow(expect.objectContaining({ name: 'SyntaxError', message }));
  });
});

describe('a redirect', () => {
  const from = readAddress('wss://example.com/a/b?c');

  it.each([
    ['/d', 'https://example.com/d'],
    ['d', 'https://example.com/a/d'],
    ['?d', 'https://example.com/a/b?d'],
    ['//other.com/d', 'https://other.com/d'],
    ['ws://other.com', 'http://other.com/'],
    ['http://other.com', 'http://other.com/'],
  ])('to %s leads to %s', (location, url) => {
    expect(redirected(from, location)?.href).toBe(url);
  });

  it.each(['ftp://other.com', 'http://', 'javascript:alert(1)', '/d#e'])(
    'to %s leads nowhere',
    (location) => {
      expect(redirected(from, location)).toBeUndefined();
    },
  );
});

describe('credentials', () => {
  it.each([
    ['the same host', 'ws://a.com/x', 'ws://a.com/y', true],
    ['the same host by TLS', 'ws://a.com:81', 'wss://a.com:81', true],
    ['the same host without TLS', 'wss://a.com:81', 'ws://a.com:81', false],
    ['another port', 'ws://a.com', 'ws://a.com:81', false],
    ['a subdomain', 'ws://a.com', 'ws://b.a.com', false],
    ['another host', 'ws://a.com', 'ws://b.com', false],
  ])('may go on to %s: from %s to %s: %s', (_what, from, to, expected) => {
    expect(mayKeepCredentials(readAddress(from), readAddress(to))).toBe(expected);
  });
});
