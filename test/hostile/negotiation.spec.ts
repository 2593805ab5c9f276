import { describe, expect, it } from '@jest/globals';
import { processorMs } from '../support/processor-time.js';
import { header, type RequestChanges } from '../support/raw-peer-http.js';
import { Arena } from './arena.js';

const protocol = (value: string | readonly string[]): RequestChanges => ({
  headers: { 'Sec-WebSocket-Protocol': value },
});
const extensions = (value: string | readonly string[]): RequestChanges => ({
  headers: { 'Sec-WebSocket-Extensions': value },
});

/** Of this thread's processor, a round trip included; quadratic work on 7 KiB takes longer. */
const QUICKLY_MS = 200;

/**
 * Does it three times. @returns what the fastest took of the processor: collecting garbage, and waiting for
 * other programs, is not the server's doing
 */
async function fastestMs(act: () => Promise<void>): Promise<number> {
  const tookMs: number[] = [];
  for (let i = 0; i < 3; i++) {
    const begun = processorMs();
    await act();
    tookMs.push(processorMs() - begun);
  }
  return Math.min(...tookMs);
}

describe('Hostile negotiation of subprotocols', () => {
  const the = new Arena({ protocols: ['chat.v2', 'chat.v1'] });

  it('N1: a token followed by thousands of blanks is refused, quickly', async () => {
    const tookMs = await fastestMs(async () => {
      expect((await the.handshake(protocol(`b${' '.repeat(7_000)}x`))).status).toBe(400);
    });
    expect(tookMs).toBeLessThan(QUICKLY_MS);
  });

  it.each(['', ',', 'a b', 'a,,b c', 'a, a', '"a"', 'a;b', 'chat.v1\u00e9', 'chat.v1\x7f', 'a\tb'])(
    'N1: the list %j is refused',
    async (value) => {
      expect((await the.handshake(protocol(value))).status).toBe(400);
    },
  );

  it('N5: what nobody offers is never named', async () => {
    const response = await the.handshake(protocol('unknown, other'));
    expect(response.status).toBe(101);
    expect(header(response, 'sec-websocket-protocol')).toBeUndefined();
  });

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
    'N6: %s is a token like any other, and not served',
    async (value) => {
      const response = await the.handshake(protocol(value));
      expect(response.status).toBe(101);
      expect(header(response, 'sec-websocket-protocol')).toBeUndefined();
    },
  );

  it.each([
    ['in one header', 'chat.v1, chat.v2'],
    ['in two headers', ['chat.v1', 'chat.v2']],
    ['behind what is not served', 'x, chat.v1,chat.v2'],
  ])("selects the client's first that is served, %s", async (_, value) => {
    expect(header(await the.handshake(protocol(value)), 'sec-websocket-protocol')).toBe('chat.v1');
  });

  it('compares tokens with their case', async () => {
    const response = await the.handshake(protocol('CHAT.V1'));
    expect(header(response, 'sec-websocket-protocol')).toBeUndefined();
  });
});

describe('An application that selects a subprotocol by itself', () => {
  let select: (offered: Set<string>) => string | false = () => false;
  const the = new Arena({ handleProtocols: (offered) => select(offered) });

  it('N7: can not smuggle a line into the answer', async () => {
    select = () => 'chat\r\nSet-Cookie: evil=1';
    const response = await the.handshake(protocol('chat'));
    expect(response.status).toBe(500);
    expect(header(response, 'set-cookie')).toBeUndefined();
  });

  it('gets the whole list, and may refuse to select', async () => {
    let seen: string[] = [];
    select = (offered) => {
      seen = [...offered];
      return false;
    };
    const response = await the.handshake(protocol(['a, b', 'c']));
    expect(seen).toEqual(['a', 'b', 'c']);
    expect(header(response, 'sec-websocket-protocol')).toBeUndefined();
  });

  it('that throws is a refusal with 500', async () => {
    select = () => {
      throw new Error('secret of the application');
    };
    const response = await the.handshake(protocol('a'));
    expect(response.status).toBe(500);
    expect(response.body).not.toContain('secret');
  });
});

describe('Hostile negotiation of extensions', () => {
  const the = new Arena({ perMessageDeflate: true });

  it('N2: an unfinished quoted string of thousands of escapes is refused, quickly', async () => {
    const tookMs = await fastestMs(async () => {
      expect((await the.handshake(extensions(`a;b="${'\\c'.repeat(3_500)}`))).status).toBe(400);
    });
    expect(tookMs).toBeLessThan(QUICKLY_MS);
  });

  it.each([
    '',
    ';',
    'a;',
    'a;=',
    'a;b=',
    'a;b="',
    'a;b="c d"',
    'a b',
    'a;b c',
    '"a"',
    'a;b=""',
    'a=b',
    '\u00e9',
  ])('N2: the list %j is refused', async (value) => {
    expect((await the.handshake(extensions(value))).status).toBe(400);
  });

  it.each([
    'server_max_window_bits=7',
    'server_max_window_bits=16',
    'server_max_window_bits=08',
    'server_max_window_bits=1e1',
    'server_max_window_bits=+9',
    'server_max_window_bits',
    'client_max_window_bits=7',
    'client_max_window_bits=16',
    'client_max_window_bits=010',
    'server_no_context_takeover=1',
    'client_no_context_takeover=true',
    'server_max_window_bits=9; server_max_window_bits=9',
    'client_no_context_takeover; client_no_context_takeover',
    'unknown',
    'unknown=1',
    '__proto__',
    'constructor=9',
  ])('N3: an offer with %s is declined, and the connection works', async (parameter) => {
    const response = await the.handshake(extensions(`permessage-deflate; ${parameter}`));
    expect(response.status).toBe(101);
    expect(header(response, 'sec-websocket-extensions')).toBeUndefined();
  });

  it.each([
    ['permessage-deflate; unknown, permessage-deflate', 'permessage-deflate'],
    [
      'permessage-deflate; server_max_window_bits=7, permessage-deflate; server_max_window_bits="10"',
      'permessage-deflate; server_max_window_bits=10',
    ],
    ['x-unknown; a=1, permessage-deflate', 'permessage-deflate'],
  ])('N3: a bad offer is passed over for the next: %s', async (offer, answer) => {
    expect(header(await the.handshake(extensions(offer)), 'sec-websocket-extensions')).toBe(answer);
  });

  it('N4: hundreds of bad offers cost little, and are not all weighed', async () => {
    const offers = Array.from({ length: 300 }, () => 'permessage-deflate;a').join(',');
    const tookMs = await fastestMs(async () => {
      const response = await the.handshake(extensions(offers));
      expect(response.status).toBe(101);
      expect(header(response, 'sec-websocket-extensions')).toBeUndefined();
    });
    expect(tookMs).toBeLessThan(QUICKLY_MS);
  });

  it('N4: a thousand offers do not fit a handshake', async () => {
    const offers = Array.from({ length: 1_000 }, () => 'permessage-deflate').join(',');
    expect((await the.handshake(extensions(offers))).status).toBe(431);
  });

  it('N6: an extension named like a prototype member is not known', async () => {
    const response = await the.handshake(extensions('constructor, __proto__; toString'));
    expect(response.status).toBe(101);
    expect(header(response, 'sec-websocket-extensions')).toBeUndefined();
  });
});

describe('A server without extensions', () => {
  const the = new Arena();

  it('declines them all', async () => {
    const response = await the.handshake(extensions('permessage-deflate; client_max_window_bits'));
    expect(response.status).toBe(101);
    expect(header(response, 'sec-websocket-extensions')).toBeUndefined();
  });
});
