import { describe, expect, it } from '@jest/globals';
import { TrustedProxies } from '../../../lib/transport/admission/trusted-proxies.js';
import { requestFrom } from './requests.js';

const forwardedFor = (peer: string | null, ...value: string[]) =>
  requestFrom({ peer, headers: { 'X-Forwarded-For': value } });

describe('the address of a client', () => {
  const proxies = new TrustedProxies(['10.0.0.0/8', '192.0.2.7', '2001:db8:aaaa::/48']);

  it.each([
    ['is that of the socket without a proxy', '198.51.100.1', [], '198.51.100.1'],
    ['is that of the socket where nobody trusted speaks', '198.51.100.1', ['203.0.113.9'], '198.51.100.1'],
    ['is what a trusted proxy says', '10.1.2.3', ['203.0.113.9'], '203.0.113.9'],
    ['is what one trusted by address says', '192.0.2.7', ['203.0.113.9'], '203.0.113.9'],
    ['is not what its neighbour says', '192.0.2.8', ['203.0.113.9'], '192.0.2.8'],
    ['is what one trusted by IPv6 says', '2001:db8:aaaa::1', ['203.0.113.9'], '203.0.113.9'],
    ['is what a dual-stack socket shows', '::ffff:10.1.2.3', ['203.0.113.9'], '203.0.113.9'],
    ['is the right-most that is not trusted', '10.1.2.3', ['6.6.6.6, 203.0.113.9, 10.9.9.9'], '203.0.113.9'],
    ['is found in repeated headers', '10.1.2.3', ['6.6.6.6', '203.0.113.9', '10.9.9.9'], '203.0.113.9'],
    ['is the first of all where all are trusted', '10.1.2.3', ['10.7.7.7, 10.9.9.9'], '10.7.7.7'],
    ['is the proxy where it says nothing', '10.1.2.3', [' , '], '10.1.2.3'],
    ['is the proxy where it hides', '10.1.2.3', ['203.0.113.9, unknown'], '10.1.2.3'],
    ['is the last known behind nonsense', '10.1.2.3', ["6.6.6.6, ' OR 1=1, 10.9.9.9"], '10.9.9.9'],
    ['may have a port', '10.1.2.3', ['203.0.113.9:4711'], '203.0.113.9'],
    ['may be IPv6', '10.1.2.3', ['2001:DB8::9'], '2001:db8::9'],
    ['may be IPv6 with a port', '10.1.2.3', ['[2001:db8::9]:4711'], '2001:db8::9'],
    ['is empty for a UNIX socket, whatever that says', null, ['203.0.113.9'], ''],
  ])('%s', (_what, peer, value, expected) => {
    expect(proxies.addressOf(forwardedFor(peer, ...value))).toBe(expected);
  });

  it('is what comes through a UNIX socket that is trusted', () => {
    const local = new TrustedProxies(['unix']);
    expect(local.addressOf(forwardedFor(null, '203.0.113.9'))).toBe('203.0.113.9');
    expect(local.addressOf(forwardedFor(null))).toBe('');
  });

  it('is never what a header says by default', () => {
    expect(new TrustedProxies().addressOf(forwardedFor('127.0.0.1', '203.0.113.9'))).toBe('127.0.0.1');
  });
});

describe('the host that was asked for', () => {
  const proxies = new TrustedProxies(['10.0.0.0/8']);
  const hostOf = (peer: string, value: string): string | undefined =>
    proxies.hostOf(requestFrom({ peer, headers: { 'X-Forwarded-Host': value } }));

  it('is what a trusted proxy says, and it last of all', () => {
    expect(hostOf('10.1.2.3', 'example.com')).toBe('example.com');
    expect(hostOf('10.1.2.3', 'evil.com, example.com')).toBe('example.com');
  });

  it('is not known otherwise', () => {
    expect(hostOf('198.51.100.1', 'evil.com')).toBeUndefined();
    expect(proxies.hostOf(requestFrom({ peer: '10.1.2.3' }))).toBeUndefined();
  });
});

describe('a list of trusted proxies', () => {
  it.each(['', 'proxy', '10.0.0', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0.0/x', '::/129', '1'])(
    'is refused with %j',
    (entry) => {
      expect(() => new TrustedProxies([entry])).toThrow(
        expect.objectContaining({
          name: 'RangeError',
          message: `trusted proxy ${JSON.stringify(entry)} is not an address, a network such as 10.0.0.0/8, or unix`,
        }),
      );
    },
  );
});
