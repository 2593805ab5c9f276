import { describe, expect, it } from '@jest/globals';
import { NestwireError } from '../../../../lib/errors/index.js';
import {
  InvalidUpgradeError,
  checkOfferedSubprotocols,
  checkSwitchingProtocols,
  requestHeaders,
} from '../../../../lib/protocol/websocket/handshake/client-handshake.js';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

describe('the headers of a client (RFC 6455 §4.1)', () => {
  const plain = { key: KEY, subprotocols: [], extensions: undefined, origin: undefined };

  it('ask for an upgrade', () => {
    expect(requestHeaders(plain)).toEqual({
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': KEY,
    });
  });

  it('say subprotocols, extensions and origin where there are any', () => {
    const request = { ...plain, subprotocols: ['a', 'b'], extensions: 'foo; x', origin: 'https://good.com' };
    expect(requestHeaders(request)).toMatchObject({
      'Sec-WebSocket-Protocol': 'a, b',
      'Sec-WebSocket-Extensions': 'foo; x',
      Origin: 'https://good.com',
    });
  });
});

describe('subprotocols to offer', () => {
  it.each([[[]], [['a']], [['a', 'A', 'b.v1+msgpack']]])('may be %j', (subprotocols) => {
    expect(() => checkOfferedSubprotocols(subprotocols)).not.toThrow();
  });

  it.each([[['']], [['a b']], [['a,b']], [['a\r\nX: y']], [['é']], [['a', 'a']], [['a', 'b', 'a']]])(
    'must not be %j',
    (subprotocols) => {
      expect(() => checkOfferedSubprotocols(subprotocols)).toThrow(SyntaxError);
    },
  );

  it('are named where they are wrong', () => {
    expect(() => checkOfferedSubprotocols(['a', 'b c'])).toThrow(
      'subprotocol "b c" is repeated or not a token',
    );
  });
});

describe('the answer of a server', () => {
  const good = { upgrade: 'websocket', connection: 'Upgrade', 'sec-websocket-accept': ACCEPT };

  const check = (headers: Record<string, string | undefined>, offered: string[] = []): string => {
    const all: Record<string, string | undefined> = { ...good, ...headers };
    return checkSwitchingProtocols((name) => all[name], ACCEPT, offered);
  };

  it('is taken when it fits', () => {
    expect(check({})).toBe('');
    expect(check({ upgrade: 'WebSocket', connection: 'keep-alive, UPGRADE' })).toBe('');
    expect(check({ 'sec-websocket-accept': ` ${ACCEPT} ` })).toBe('');
  });

  it('selects one of the subprotocols that were offered', () => {
    expect(check({ 'sec-websocket-protocol': 'b' }, ['a', 'b'])).toBe('b');
  });

  it.each<[string, Record<string, string | undefined>, string[], string]>([
    ['no Upgrade', { upgrade: undefined }, [], 'the answer does not upgrade to websocket'],
    ['another Upgrade', { upgrade: 'h2c' }, [], 'the answer does not upgrade to websocket'],
    ['two Upgrades', { upgrade: 'websocket, websocket' }, [], 'the answer does not upgrade to websocket'],
    ['no Connection', { connection: undefined }, [], 'Connection of the answer does not name upgrade'],
    ['another Connection', { connection: 'close' }, [], 'Connection of the answer does not name upgrade'],
    [
      'no key',
      { 'sec-websocket-accept': undefined },
      [],
      'Sec-WebSocket-Accept of the answer does not fit our key',
    ],
    [
      'a wrong key',
      { 'sec-websocket-accept': KEY },
      [],
      'Sec-WebSocket-Accept of the answer does not fit our key',
    ],
    [
      'a key in other case',
      { 'sec-websocket-accept': ACCEPT.toLowerCase() },
      [],
      'Sec-WebSocket-Accept of the answer does not fit our key',
    ],
    [
      'a subprotocol unasked',
      { 'sec-websocket-protocol': 'a' },
      [],
      'subprotocol "a" of the answer was not offered',
    ],
    [
      'another subprotocol',
      { 'sec-websocket-protocol': 'c' },
      ['a'],
      'subprotocol "c" of the answer was not offered',
    ],
    [
      'one in other case',
      { 'sec-websocket-protocol': 'A' },
      ['a'],
      'subprotocol "A" of the answer was not offered',
    ],
    [
      'two of them',
      { 'sec-websocket-protocol': 'a, b' },
      ['a', 'b'],
      'subprotocol "a, b" of the answer was not offered',
    ],
    ['none of those asked for', {}, ['a', 'b'], 'the server selected none of the subprotocols a, b'],
  ])('is refused with %s', (_what, headers, offered, message) => {
    expect(() => check(headers, offered)).toThrow(InvalidUpgradeError);
    expect(() => check(headers, offered)).toThrow(message);
  });

  it('is refused with an error that programs can tell', () => {
    const error = new InvalidUpgradeError('why');
    expect(error).toBeInstanceOf(NestwireError);
    expect(error.code).toBe('WS_ERR_INVALID_UPGRADE');
  });
});
