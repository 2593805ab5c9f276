import { type IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it, jest } from '@jest/globals';
import { HandshakeError } from '../../../lib/protocol/websocket/index.js';
import { type OriginPolicy, checkOrigin } from '../../../lib/transport/websocket/origin-policy.js';

function request(headers: IncomingHttpHeaders = {}): IncomingMessage {
  const incoming = new IncomingMessage(new Socket());
  incoming.headers = { host: 'good.com', ...headers };
  return incoming;
}

interface Asked {
  readonly policy?: OriginPolicy;
  readonly headers?: IncomingHttpHeaders;
  readonly forwardedHost?: string;
}

function isAllowed(
  origin: string | undefined,
  { policy = 'same', headers, forwardedHost }: Asked = {},
): boolean {
  try {
    checkOrigin(policy, origin, request(headers), forwardedHost);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(HandshakeError);
    expect(error).toMatchObject({ status: 403 });
    return false;
  }
}

describe('same origin', () => {
  it.each([
    ['https://good.com', 'good.com'],
    ['http://good.com', 'good.com'],
    ['https://GOOD.com', 'good.com'],
    ['https://good.com', 'Good.Com'],
    ['https://good.com:443', 'good.com'],
    ['https://good.com', 'good.com:443'],
    ['http://good.com', 'good.com:80'],
    ['http://good.com:8080', 'good.com:8080'],
    ['http://localhost:3000', 'localhost:3000'],
    ['http://127.0.0.1:3000', '127.0.0.1:3000'],
    ['http://[::1]:3000', '[::1]:3000'],
    ['http://[::1]', '[0:0::1]'],
    ['https://xn--gte-zna.com', 'xn--gte-zna.com'],
  ])('lets %s connect to the host %s', (origin, host) => {
    expect(isAllowed(origin, { headers: { host } })).toBe(true);
  });

  it.each([
    ['https://good.com.evil.com', 'good.com'],
    ['https://evilgood.com', 'good.com'],
    ['https://evil.com', 'good.com'],
    ['https://sub.good.com', 'good.com'],
    ['https://good.com', 'sub.good.com'],
    ['https://good.com@evil.com', 'good.com'],
    ['https://evil.com/good.com', 'good.com'],
    ['https://evil.com?good.com', 'good.com'],
    ['https://evil.com#good.com', 'good.com'],
    ['https://good.com:444', 'good.com'],
    ['https://good.com', 'good.com:444'],
    ['https://good.com:80', 'good.com'],
    ['http://good.com', 'good.com:443'],
    ['https://good.com.', 'good.com'],
    ['null', 'good.com'],
    ['null', 'null'],
    ['', 'good.com'],
    ['good.com', 'good.com'],
    ['//good.com', 'good.com'],
    ['https://', 'good.com'],
    ['https:good.com.evil.com', 'good.com'],
    ['file://', 'good.com'],
    ['file:///good.com', 'good.com'],
    ['data:text/html,x', 'good.com'],
    ['https://good.com https://evil.com', 'good.com'],
    ['https://good.com', 'a b'],
    ['https://good.com', ''],
    ['file://', ''],
  ])('refuses %j at the host %j', (origin, host) => {
    expect(isAllowed(origin, { headers: { host } })).toBe(false);
  });

  it('refuses where there is no Host', () => {
    const incoming = new IncomingMessage(new Socket());
    expect(() => checkOrigin('same', 'https://good.com', incoming)).toThrow(HandshakeError);
  });

  it('takes the host that a trusted proxy was asked for instead of Host', () => {
    expect(isAllowed('https://public.com', { forwardedHost: 'public.com' })).toBe(true);
    expect(isAllowed('https://good.com', { forwardedHost: 'public.com' })).toBe(false);
  });

  it('does not look at X-Forwarded-Host by itself', () => {
    expect(isAllowed('https://evil.com', { headers: { 'x-forwarded-host': 'evil.com' } })).toBe(false);
  });

  it('says which origin it refuses, quoted', () => {
    expect(() => checkOrigin('same', 'https://e"vil', request())).toThrow(
      'a connection from origin "https://e\\"vil" is not allowed',
    );
  });
});

describe('no Origin', () => {
  it.each<OriginPolicy>(['same', ['https://good.com'], []])('is no browser, and let in by %j', (policy) => {
    expect(isAllowed(undefined, { policy })).toBe(true);
  });

  it.each<OriginPolicy>(['same', ['https://good.com']])('but a cookie is refused by %j', (policy) => {
    expect(isAllowed(undefined, { policy, headers: { cookie: 'sid=1' } })).toBe(false);
    expect(() => checkOrigin(policy, undefined, request({ cookie: 'sid=1' }))).toThrow(
      'a request with a cookie must have an Origin',
    );
  });

  it('and an empty cookie are refused as well', () => {
    expect(isAllowed(undefined, { headers: { cookie: '' } })).toBe(false);
  });

  it('but a cookie is let in when the browser vouches for the same origin', () => {
    const headers = { cookie: 'sid=1', 'sec-fetch-site': 'same-origin' };
    expect(isAllowed(undefined, { headers })).toBe(true);
  });

  it.each(['same-site', 'cross-site', 'none', 'Same-Origin', ''])(
    'but a cookie is refused when the browser says %j',
    (site) => {
      expect(isAllowed(undefined, { headers: { cookie: 'sid=1', 'sec-fetch-site': site } })).toBe(false);
    },
  );
});

describe('any origin', () => {
  it('lets everything in', () => {
    for (const origin of ['https://evil.com', 'null', '', undefined]) {
      expect(isAllowed(origin, { policy: 'any', headers: { cookie: 'sid=1' } })).toBe(true);
    }
  });
});

describe('a list of origins', () => {
  const policy = ['https://good.com', 'http://localhost:3000'];

  it.each(policy)('lets %s in', (origin) => {
    expect(isAllowed(origin, { policy })).toBe(true);
  });

  it.each([
    'https://good.com.evil.com',
    'http://good.com',
    'https://good.com:443',
    'https://good.com/',
    'null',
    '',
  ])('refuses %j: strings are compared whole', (origin) => {
    expect(isAllowed(origin, { policy })).toBe(false);
  });

  it('does not let the own host in unless it is listed', () => {
    expect(isAllowed('https://good.com', { policy: [] })).toBe(false);
  });
});

describe('a list of patterns', () => {
  it.each([
    /https:\/\/good\.com/,
    /^https:\/\/good\.com$/,
    /https:\/\/good\.com/g,
    /https:\/\/good\.com/y,
    /https:\/\/GOOD\.com/i,
  ])('%p lets the origin in that it matches whole, every time', (pattern) => {
    for (let i = 0; i < 3; i++) expect(isAllowed('https://good.com', { policy: [pattern] })).toBe(true);
    expect(pattern.lastIndex).toBe(0);
  });

  it.each([/good\.com/, /https:\/\/good\.com/, /^https:\/\/good\.com/])(
    '%p refuses what it matches only in part',
    (pattern) => {
      expect(isAllowed('https://good.com.evil.com', { policy: [pattern] })).toBe(false);
      expect(isAllowed('https://evil.com/?https://good.com', { policy: [pattern] })).toBe(false);
    },
  );

  it('may allow all subdomains', () => {
    const policy = [/https:\/\/([a-z0-9-]+\.)*good\.com/];
    expect(isAllowed('https://a.b.good.com', { policy })).toBe(true);
    expect(isAllowed('https://evilgood.com', { policy })).toBe(false);
    expect(isAllowed('https://evil.com/.good.com', { policy })).toBe(false);
  });
});

describe('a function', () => {
  it.each(['https://evil.com', undefined])('decides alone, told the origin %s and the request', (origin) => {
    const policy = jest.fn<(origin: string | undefined, request: IncomingMessage) => boolean>(() => true);
    const incoming = request({ cookie: 'sid=1' });
    checkOrigin(policy, origin, incoming);
    expect(policy.mock.calls).toEqual([[origin, incoming]]);
  });

  it('refuses with false', () => {
    expect(isAllowed('https://good.com', { policy: () => false })).toBe(false);
    expect(() => checkOrigin(() => false, undefined, request())).toThrow(
      'a connection without Origin is not allowed',
    );
  });
});
