import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { HandshakeError } from '../../../../lib/protocol/websocket/handshake/handshake-error.js';
import {
  type RequestHead,
  SUPPORTED_VERSION,
  readOpeningHandshake,
} from '../../../../lib/protocol/websocket/handshake/opening-handshake.js';
import { seed } from '../../../support/seed.js';

const EXAMPLE_KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

interface Changes extends Partial<Omit<RequestHead, 'rawHeaders'>> {
  /** Replaces headers of a correct request; null leaves one out, a list repeats it. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | null>>;
}

function request({ headers = {}, ...head }: Changes = {}): RequestHead {
  const all: NonNullable<Changes['headers']> = {
    Host: 'server.example.com',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': EXAMPLE_KEY,
    'Sec-WebSocket-Version': '13',
    ...headers,
  };
  const rawHeaders = Object.entries(all).flatMap(([name, values]) =>
    values === null ? [] : [values].flat().flatMap((value) => [name, value]),
  );
  return { method: 'GET', url: '/chat', httpVersionMajor: 1, httpVersionMinor: 1, rawHeaders, ...head };
}

const read = (changes?: Changes) => readOpeningHandshake(request(changes));

function refusal(changes: Changes): HandshakeError {
  try {
    read(changes);
  } catch (error) {
    if (error instanceof HandshakeError) return error;
    throw error;
  }
  throw new Error('the handshake was accepted');
}

describe('a correct opening handshake (RFC 6455 §4.2.1)', () => {
  it('says what it offers', () => {
    expect(
      read({
        url: '/chat?room=1&x=/y',
        headers: {
          Origin: 'http://example.com',
          'Sec-WebSocket-Protocol': 'chat, superchat',
          'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits',
        },
      }),
    ).toEqual({
      key: EXAMPLE_KEY,
      path: '/chat',
      target: '/chat?room=1&x=/y',
      host: 'server.example.com',
      origin: 'http://example.com',
      subprotocols: ['chat', 'superchat'],
      extensions: 'permessage-deflate; client_max_window_bits',
    });
  });

  it('may offer nothing', () => {
    expect(read()).toMatchObject({ origin: undefined, subprotocols: [], extensions: undefined });
  });

  it('may write names of headers and tokens in any case, among others', () => {
    const headers = {
      Upgrade: null,
      Connection: null,
      'Sec-WebSocket-Key': null,
      uPGRADE: 'h2c, WebSocket',
      CONNECTION: 'keep-alive, UPGRADE',
      'sec-websocket-KEY': EXAMPLE_KEY,
    };
    expect(read({ headers }).key).toBe(EXAMPLE_KEY);
  });

  it('may repeat headers that are lists', () => {
    const headers = {
      Upgrade: ['h2c', 'websocket'],
      Connection: ['keep-alive', 'Upgrade'],
      'Sec-WebSocket-Protocol': ['a', 'b, c'],
      'Sec-WebSocket-Extensions': ['foo; x=1', 'bar'],
    };
    expect(read({ headers })).toMatchObject({ subprotocols: ['a', 'b', 'c'], extensions: 'foo; x=1, bar' });
  });

  it.each([
    [1, 1],
    [1, 2],
    [2, 0],
  ])('may come with HTTP/%d.%d', (httpVersionMajor, httpVersionMinor) => {
    expect(read({ httpVersionMajor, httpVersionMinor }).path).toBe('/chat');
  });

  it.each(['0', '00'])('may declare a body of %s bytes', (length) => {
    expect(read({ headers: { 'Content-Length': length } }).path).toBe('/chat');
  });

  it('is for version 13', () => {
    expect(SUPPORTED_VERSION).toBe('13');
  });
});

const REFUSED: readonly (readonly [
  what: string,
  changes: Changes,
  status: number,
  message: string | RegExp,
])[] = [
  ['another method', { method: 'POST' }, 405, 'a WebSocket handshake is a GET request'],
  ['a method in lower case', { method: 'get' }, 405, 'a WebSocket handshake is a GET request'],
  ['no method', { method: undefined }, 405, 'a WebSocket handshake is a GET request'],
  ['HTTP/1.0', { httpVersionMinor: 0 }, 400, 'a WebSocket handshake needs HTTP/1.1, not 1.0'],
  [
    'HTTP/0.9',
    { httpVersionMajor: 0, httpVersionMinor: 9 },
    400,
    'a WebSocket handshake needs HTTP/1.1, not 0.9',
  ],
  ['a body', { headers: { 'Content-Length': '30' } }, 400, 'a WebSocket handshake has no body'],
  [
    'a body of two lengths',
    { headers: { 'Content-Length': ['0', '5'] } },
    400,
    'a WebSocket handshake has no body',
  ],
  [
    'a length that is no number',
    { headers: { 'Content-Length': '0x0' } },
    400,
    'a WebSocket handshake has no body',
  ],
  ['an empty length', { headers: { 'Content-Length': '' } }, 400, 'a WebSocket handshake has no body'],
  [
    'a chunked body',
    { headers: { 'Transfer-Encoding': 'chunked' } },
    400,
    'a WebSocket handshake has no body',
  ],
  ['an expectation', { headers: { Expect: '100-continue' } }, 417, 'a WebSocket handshake expects nothing'],
  ['no Upgrade', { headers: { Upgrade: null } }, 400, 'Upgrade does not name websocket'],
  ['an Upgrade to something else', { headers: { Upgrade: 'h2c' } }, 400, 'Upgrade does not name websocket'],
  ['no Connection', { headers: { Connection: null } }, 400, 'Connection does not name upgrade'],
  [
    'a Connection that stays',
    { headers: { Connection: 'keep-alive' } },
    400,
    'Connection does not name upgrade',
  ],
];

const versions = [null, '', '7', '8', '12', '14', '013', '13, 8', ['13', '13'], ['13', '8']] as const;
const keys = [
  null,
  '',
  'dGhlIHNhbXBsZSBub25jZQ=',
  'dGhlIHNhbXBsZSBub25jZQ',
  Buffer.alloc(15).toString('base64'),
  Buffer.alloc(17).toString('base64'),
  'dGhlIHNhbXBsZSBub25jZ===',
  'dGhlIHNhbXBsZSBub25j-_==',
  ` ${EXAMPLE_KEY}`,
  `${EXAMPLE_KEY}, ${EXAMPLE_KEY}`,
  [EXAMPLE_KEY, EXAMPLE_KEY],
] as const;
const hosts = [
  null,
  '',
  'a b',
  'a/b',
  'user@host',
  'host:port',
  'host:123456',
  '[::1',
  '[zz]',
  'ä',
  ['a', 'a'],
] as const;

describe('a handshake is refused', () => {
  it.each(REFUSED)('with %s', (_what, changes, status, message) => {
    expect(refusal(changes)).toMatchObject({ status, message, code: 'HANDSHAKE_REFUSED' });
  });

  it('with another method, and told which is allowed', () => {
    expect(refusal({ method: 'PUT' }).headers).toEqual({ Allow: 'GET' });
  });

  it.each(versions.map((version) => [version]))(
    'with the version %j, and told ours (RFC 6455 §4.4)',
    (version) => {
      expect(refusal({ headers: { 'Sec-WebSocket-Version': version } })).toMatchObject({
        status: 426,
        headers: { 'Sec-WebSocket-Version': '13' },
      });
    },
  );

  it.each(keys.map((key) => [key]))('with the key %j', (key) => {
    expect(refusal({ headers: { 'Sec-WebSocket-Key': key } })).toMatchObject({
      status: 400,
      message: 'Sec-WebSocket-Key must be 16 bytes in base64, once',
    });
  });

  it.each(hosts.map((host) => [host]))('with the Host %j', (host) => {
    expect(refusal({ headers: { Host: host } })).toMatchObject({
      status: 400,
      message: 'Host is missing or malformed',
    });
  });

  it('with two origins', () => {
    expect(refusal({ headers: { Origin: ['http://a', 'http://a'] } })).toMatchObject({
      status: 400,
      message: 'Origin is repeated',
    });
  });

  it.each(['', ' ', ',', 'a b', 'a, a', 'a;b', '"a"', 'b\u0080', ['a', 'a']].map((list) => [list]))(
    'with the subprotocols %j',
    (list) => {
      expect(refusal({ headers: { 'Sec-WebSocket-Protocol': list } })).toMatchObject({
        status: 400,
        message: 'Sec-WebSocket-Protocol must be a list of different tokens',
      });
    },
  );
});

describe('the host', () => {
  it.each([
    'localhost',
    'a.example:8080',
    '127.0.0.1:3000',
    '[::1]',
    '[::1]:80',
    'a_b',
    'host:',
    'xn--4ca.example',
    'A.B',
  ])('may be %s', (host) => {
    expect(read({ headers: { Host: host } }).host).toBe(host);
  });
});

describe('the target', () => {
  it.each([
    ['/', '/', '/'],
    ['/a/b', '/a/b', '/a/b'],
    ['/?', '/?', '/'],
    ['/a?b?c', '/a?b?c', '/a'],
    ['/a//b', '/a//b', '/a//b'],
    ['/%2e%2e/x', '/%2e%2e/x', '/%2e%2e/x'],
    ['http://server.example.com/chat?x', '/chat?x', '/chat'],
    ['ws://SERVER.example.com/chat', '/chat', '/chat'],
    ['wss://server.example.com', '/', '/'],
    ['https://server.example.com?x=1', '/?x=1', '/'],
  ])('%s is %s, its path %s', (url, target, path) => {
    expect(read({ url })).toMatchObject({ target, path });
  });

  it.each([
    '',
    '*',
    'chat',
    '//',
    '//[',
    '//evil.com/ws',
    '/ws#x',
    '/a\\b',
    'server.example.com:80',
    'ftp://server.example.com/',
  ])('must not be %j', (url) => {
    expect(refusal({ url })).toMatchObject({ status: 400, message: 'request target is malformed' });
  });

  it('must be there', () => {
    expect(refusal({ url: undefined })).toMatchObject({
      status: 400,
      message: 'request target is malformed',
    });
  });

  it.each([
    'http://evil.com/chat',
    'http://server.example.com.evil.com/',
    'http://u@server.example.com/',
    'http://server.example.com:81/',
  ])('must not be of another host, as %s', (url) => {
    expect(refusal({ url })).toMatchObject({ status: 400, message: 'request target is not of this host' });
  });

  it('in absolute form is held to the same rules', () => {
    expect(refusal({ url: 'http://server.example.com//evil' }).message).toBe('request target is malformed');
    expect(refusal({ url: 'http://server.example.com/#x' }).message).toBe('request target is malformed');
  });
});

describe('limits on headers', () => {
  const padding = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`X-${i}`, '']));

  it('allow 64 of them', () => {
    expect(read({ headers: padding(59) }).path).toBe('/chat');
    expect(refusal({ headers: padding(60) })).toMatchObject({
      status: 431,
      message: '65 headers exceed the limit of 64',
    });
  });

  it('allow 8 KiB of them, names and separators counted', () => {
    const used = request({ headers: { 'X-Pad': '' } }).rawHeaders.join('  ').length + 2;
    expect(read({ headers: { 'X-Pad': 'x'.repeat(8192 - used) } }).path).toBe('/chat');
    expect(refusal({ headers: { 'X-Pad': 'x'.repeat(8193 - used) } })).toMatchObject({
      status: 431,
      message: 'headers of 8193 bytes exceed the limit of 8192',
    });
  });

  it('are looked at first', () => {
    expect(refusal({ method: 'POST', headers: padding(2100) }).status).toBe(431);
  });
});

describe('names that mean something to JavaScript', () => {
  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('as %s are like others', (name) => {
    const head = request();
    const rawHeaders = [...head.rawHeaders, name, 'x', 'Sec-WebSocket-Protocol', name];
    expect(readOpeningHandshake({ ...head, rawHeaders }).subprotocols).toEqual([name]);
  });
});

describe('whatever comes', () => {
  it(`is accepted, or refused with a HandshakeError (TEST_SEED=${seed})`, () => {
    const names = ['Host', 'Upgrade', 'Connection', 'Sec-WebSocket-Key', 'Sec-WebSocket-Version', 'Origin'];
    names.push('Sec-WebSocket-Protocol', 'Content-Length', 'X-Any');
    const values = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('websocket', 'upgrade', '13', EXAMPLE_KEY),
    );
    const header = fc.tuple(fc.constantFrom(...names), values);
    fc.assert(
      fc.property(fc.array(header, { maxLength: 6 }), fc.string(), (headers, url) => {
        const head = request({ url: `/${url}` });
        const rawHeaders = [...head.rawHeaders, ...headers.flat()];
        try {
          expect(readOpeningHandshake({ ...head, rawHeaders }).key).toBe(EXAMPLE_KEY);
        } catch (error) {
          expect(error).toBeInstanceOf(HandshakeError);
        }
      }),
      { seed, numRuns: 500 },
    );
  });
});
