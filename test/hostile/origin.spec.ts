import { describe, expect, it } from '@jest/globals';
import type { RequestChanges } from '../support/raw-peer-http.js';
import type { ServerOptions } from '../support/server-under-test.js';
import { Arena } from './arena.js';

const from = (origin: string, more: Record<string, string> = {}): RequestChanges => ({
  headers: { Host: 'good.com', Origin: origin, ...more },
});
const cookie = { Cookie: 'session=1' };

describe('Origins, same by default', () => {
  const the = new Arena();

  it.each([
    ['A1: a foreign origin with a cookie', 'https://evil.com', cookie],
    ['A1: a foreign origin', 'https://evil.com', {}],
    ['A2: our name as the beginning of another', 'https://good.com.evil.com', {}],
    ['A2: our name as the end of another', 'https://evilgood.com', {}],
    ['A2: our name as a user', 'https://good.com@evil.com', {}],
    ['A2: our name as a path', 'https://evil.com/good.com', {}],
    ['A2: a subdomain', 'https://www.good.com', {}],
    ['A2: null', 'null', {}],
    ['A2: another port', 'https://good.com:8443', {}],
    ['A2: no URL at all', 'good.com', {}],
    ['A2: an empty origin', '', {}],
    ['A2: a file', 'file://', {}],
    ['A2: two origins', 'https://good.com https://evil.com', {}],
  ])('%s is refused with 403', async (_, origin, more) => {
    const { status, body } = await the.handshake(from(origin, more));
    expect(status).toBe(403);
    expect(body).not.toContain('session=1');
  });

  it('A3: a cookie without an origin is refused with 403', async () => {
    expect((await the.handshake({ headers: cookie })).status).toBe(403);
  });

  it('A3: a cookie on a request of the same site is not', async () => {
    const headers = { ...cookie, 'Sec-Fetch-Site': 'same-origin' };
    expect((await the.handshake({ headers })).status).toBe(101);
    const crossSite = { ...cookie, 'Sec-Fetch-Site': 'cross-site' };
    expect((await the.handshake({ headers: crossSite })).status).toBe(403);
  });

  it('A5: X-Forwarded-Host of nobody we trust changes nothing', async () => {
    const { status } = await the.handshake(from('https://evil.com', { 'X-Forwarded-Host': 'evil.com' }));
    expect(status).toBe(403);
  });

  it.each([
    ['the same host', from('https://good.com')],
    ['the same host with a cookie', from('https://good.com', cookie)],
    ['the same host in other letters', from('https://GOOD.com')],
    ['the same port', from('http://good.com:8080', { Host: 'good.com:8080' })],
    ['a default port said on one side only', from('https://good.com', { Host: 'good.com:443' })],
    ['an IPv6 address', from('http://[::1]:3000', { Host: '[::1]:3000' })],
    ['no origin and no cookie', {}],
  ])('%s is let in', async (_, changes) => {
    expect((await the.handshake(changes)).status).toBe(101);
  });
});

describe('Origins behind a proxy that is trusted', () => {
  const the = new Arena({ trustedProxies: ['127.0.0.0/8'] });

  it.each([
    ['https://good.com', 'good.com', 101],
    ['https://good.com:8443', 'good.com:8443', 101],
    ['https://good.com', 'evil.com, good.com', 101],
    ['https://evil.com', 'evil.com, good.com', 403],
    ['https://inner', 'good.com', 403],
    ['https://evil.com', '', 403],
  ])('%s with X-Forwarded-Host "%s" is answered with %d', async (origin, host, status) => {
    const changes = { headers: { Host: 'inner', Origin: origin, 'X-Forwarded-Host': host } };
    expect((await the.handshake(changes)).status).toBe(status);
  });
});

describe('The address of a client', () => {
  const seen: string[] = [];
  const verifyClient: ServerOptions['verifyClient'] = ({ remoteAddress }) => seen.push(remoteAddress) > 0;
  const forwarded = { headers: { 'X-Forwarded-For': '6.6.6.6, 203.0.113.9' } };

  describe('behind nobody we trust', () => {
    const the = new Arena({ verifyClient });

    it('A5: is that of the socket, whatever X-Forwarded-For says', async () => {
      await the.handshake(forwarded);
      expect(seen.at(-1)).toBe('127.0.0.1');
    });
  });

  describe('behind a proxy that is trusted', () => {
    const the = new Arena({ verifyClient, trustedProxies: ['127.0.0.1'] });

    it('A5: is what the proxy added, not what the client wrote', async () => {
      await the.handshake(forwarded);
      expect(seen.at(-1)).toBe('203.0.113.9');
    });
  });
});

describe('Origins by a list', () => {
  const the = new Arena({ origin: ['https://good.com', /https:\/\/[a-z]+\.good\.com/] });

  it.each([
    ['https://good.com', 101],
    ['https://www.good.com', 101],
    ['http://good.com', 403],
    ['https://good.com:444', 403],
    ['https://www.good.com.evil.com', 403],
    ['https://evil.com?https://www.good.com', 403],
    ['https://wwwXgood.com', 403],
    ['null', 403],
  ])('%s is answered with %d', async (origin, status) => {
    expect((await the.handshake(from(origin))).status).toBe(status);
  });
});

describe('Origins by a function', () => {
  const the = new Arena({
    origin: (origin) => {
      if (origin === 'https://throws.com') throw new Error('secret of the application');
      return origin === undefined || origin === 'https://good.com';
    },
  });

  it.each([
    ['https://good.com', 101],
    ['https://evil.com', 403],
    ['https://throws.com', 500],
  ])('%s is answered with %d', async (origin, status) => {
    const response = await the.handshake(from(origin));
    expect(response.status).toBe(status);
    expect(response.body).not.toContain('secret');
  });
});
