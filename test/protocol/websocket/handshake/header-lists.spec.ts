import { describe, expect, it } from '@jest/globals';
import {
  isToken,
  listHasToken,
  readTokenList,
} from '../../../../lib/protocol/websocket/handshake/header-lists.js';

describe('a token (RFC 9110 §5.6.2)', () => {
  it('consists of letters, digits and fifteen other characters', () => {
    const characters = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));
    const allowed = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    expect(characters.filter(isToken).sort().join('')).toBe(Array.from(allowed).sort().join(''));
  });

  it('is not empty', () => {
    expect(isToken('')).toBe(false);
  });
});

describe('a list of tokens (RFC 9110 §5.6.1)', () => {
  it.each([
    ['chat', ['chat']],
    ['chat, superchat', ['chat', 'superchat']],
    ['chat,superchat', ['chat', 'superchat']],
    [' \tchat \t,\t superchat\t ', ['chat', 'superchat']],
    [',,chat,, ,superchat,', ['chat', 'superchat']],
    ['Chat, chat', ['Chat', 'chat']],
    ['', []],
    [', ,', []],
  ])('%j is %j', (value, tokens) => {
    expect(readTokenList(value)).toEqual(tokens);
  });

  it.each(['a b', 'a;b', '"a"', 'a, b c', 'é', 'a\u00a0', '\u000ba', 'a/b', 'a=b', 'a\0'])(
    '%j is none',
    (value) => {
      expect(readTokenList(value)).toBeUndefined();
    },
  );

  it('with a long run of blanks in it is read in linear time', () => {
    const started = performance.now();
    expect(readTokenList(`b${' '.repeat(50_000)}x`)).toBeUndefined();
    expect(listHasToken(`b${' '.repeat(50_000)}x`, 'x')).toBe(false);
    // Backtracking over 50,000 blanks takes seconds
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('looking for a token', () => {
  it.each(['websocket', 'WebSocket', 'h2c, WEBSOCKET', ' websocket\t', 'a,websocket,b', ',websocket'])(
    'finds it in %j',
    (value) => {
      expect(listHasToken(value, 'websocket')).toBe(true);
    },
  );

  it.each(['', 'websockets', 'web socket', 'websocket/13', 'a websocket', 'websocket;q=1'])(
    'does not find it in %j',
    (value) => {
      expect(listHasToken(value, 'websocket')).toBe(false);
    },
  );
});
