import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WebSocketServer } from 'nestwire/websocket';
import { byteByByte } from '../support/raw-peer-delivery.js';
import { encodeFrame, text } from '../support/raw-peer-frames.js';
import {
  acceptFor,
  exampleKey,
  header,
  upgradeRequest,
  type RequestChanges,
} from '../support/raw-peer-http.js';
import { RawPeer } from '../support/raw-peer.js';
import { Arena, PROMPTLY_MS, within } from './arena.js';

type Row = readonly [title: string, status: number, changes: RequestChanges];
const headers = (changes: RequestChanges['headers'] & object): RequestChanges => ({ headers: changes });

const refused: readonly Row[] = [
  ['H1: POST', 405, { method: 'POST' }],
  ['H1: PUT', 405, { method: 'PUT' }],
  ['H1: OPTIONS', 405, { method: 'OPTIONS' }],
  ['H2: HTTP/1.0', 400, { version: 'HTTP/1.0' }],
  ['H2: no Host', 400, headers({ Host: null })],
  ['H3: version 7', 426, headers({ 'Sec-WebSocket-Version': '7' })],
  ['H3: version 8', 426, headers({ 'Sec-WebSocket-Version': '8' })],
  ['H3: version 14', 426, headers({ 'Sec-WebSocket-Version': '14' })],
  ['H3: version 013', 426, headers({ 'Sec-WebSocket-Version': '013' })],
  ['H3: no version', 426, headers({ 'Sec-WebSocket-Version': null })],
  ['H3: Upgrade: h2c', 400, headers({ Upgrade: 'h2c' })],
  ['H3: Upgrade: websockets', 400, headers({ Upgrade: 'websockets' })],
  ['H4: no key', 400, headers({ 'Sec-WebSocket-Key': null })],
  ['H4: an empty key', 400, headers({ 'Sec-WebSocket-Key': '' })],
  ['H4: a key of 15 bytes', 400, headers({ 'Sec-WebSocket-Key': Buffer.alloc(15).toString('base64') })],
  ['H4: a key of 17 bytes', 400, headers({ 'Sec-WebSocket-Key': Buffer.alloc(17).toString('base64') })],
  ['H4: a key that is not base64', 400, headers({ 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25j!Q==' })],
  ['H4: two keys', 400, headers({ 'Sec-WebSocket-Key': [exampleKey, exampleKey] })],
  ['H4: a list of keys', 400, headers({ 'Sec-WebSocket-Key': `${exampleKey}, ${exampleKey}` })],
  ['H8: Origin twice', 400, headers({ Origin: ['http://localhost', 'http://localhost'] })],
  ['H8: Host twice', 400, headers({ Host: ['localhost', 'evil.example'] })],
  ['H13: the path //[', 400, { target: '//[' }],
  ['H13: the path //evil/ws', 400, { target: '//evil/ws' }],
  ['H13: a fragment', 400, { target: '/ws#x' }],
  ['H13: an absolute target of another host', 400, { target: 'http://evil.example/ws' }],
  ['H13: the target *', 400, { target: '*' }],
  ['H13: a Host with a blank', 400, headers({ Host: 'a b' })],
  ['H13: an empty Host', 400, headers({ Host: '' })],
];

describe('Hostile handshakes', () => {
  const the = new Arena();

  it.each(refused)('%s is refused with %d and a plain reason', async (_, status, changes) => {
    const response = await the.handshake(changes);
    expect(response.status).toBe(status);
    // What Node's parser refuses by itself has neither
    if (response.body !== '') expect(header(response, 'content-type')).toMatch(/^text\/plain/);
    expect(header(response, 'connection')).toBe('close');
    expect(response.body).not.toMatch(/at .*:\d+:\d+/);
  });

  it.each(['7', '8', '', '13, 8'])(
    'H3: the refusal of version "%s" names the one we speak',
    async (version) => {
      const response = await the.handshake(headers({ 'Sec-WebSocket-Version': version }));
      expect(response.status).toBe(426);
      expect(header(response, 'sec-websocket-version')).toBe('13');
    },
  );

  it.each([
    ['Content-Length', headers({ 'Content-Length': '30' }), 'GET /admin HTTP/1.1\r\nHost: x\r\n\r\n'],
    [
      'chunks',
      headers({ 'Transfer-Encoding': 'chunked' }),
      '1e\r\nGET /admin HTTP/1.1\r\nHost: x\r\n\r\n\r\n0\r\n\r\n',
    ],
  ])('H5: a body announced by %s is refused and never read as a request', async (_, changes, body) => {
    const requests: string[] = [];
    the.server.http.on('request', (request) => requests.push(request.url ?? ''));
    const response = await the.handshake({ ...changes, body });
    expect(response.status).toBe(400);
    expect(requests).toEqual([]);
  });

  it('H6: an upgrade behind an unanswered request never gets its 101 first', async () => {
    let answer: () => void = () => {};
    the.server.onRequest = (_, response) => {
      answer = () => response.end('slow answer');
    };
    const peer = await the.server.connect();
    peer.write('GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n');
    peer.write(upgradeRequest());
    await peer.until('answer or end', () => peer.ended ?? (peer.rawText || undefined));
    answer();
    await peer.untilEnded();
    peer.destroy();
    expect(peer.rawText).not.toContain('101 Switching');
  });

  it('H6: an upgrade behind a thousand unanswered requests holds nothing', async () => {
    the.server.onRequest = () => {};
    const gets = 'GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(1_000);
    const peer = await the.server.connect();
    peer.write(Buffer.concat([Buffer.from(gets), upgradeRequest()]));
    await peer.untilEnded();
    peer.destroy();
    expect(peer.rawText).not.toContain('101 Switching');
  });

  it('H6: an upgrade behind an answered request is a good one', async () => {
    const peer = await the.server.connect();
    peer.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await peer.until('answer', () => peer.rawText.includes('404') || undefined);
    peer.write(upgradeRequest());
    await peer.until('101', () => peer.rawText.includes('101 Switching') || undefined);
    peer.destroy();
  });

  it('H7: a frame in the same packet as the handshake is delivered once', async () => {
    const peer = await the.server.connect();
    peer.write(Buffer.concat([upgradeRequest(), encodeFrame(text('early'), 'client')]));
    expect((await peer.response()).status).toBe(101);
    await peer.send(text('later'));
    expect([await peer.next(), await peer.next()].map(({ payload }) => payload.toString())).toEqual([
      'early',
      'later',
    ]);
    peer.destroy();
  });

  it('H8: 2,100 tiny headers are refused', async () => {
    const rawLines = Array.from({ length: 2_100 }, (_, i) => `a${i.toString(36)}:`);
    const { status } = await the.handshake({ rawLines });
    expect([400, 431]).toContain(status);
  });

  it('H8: 65 headers are refused with 431, 64 are not', async () => {
    const more = (count: number): string[] => Array.from({ length: count - 5 }, (_, i) => `X-${i}: y`);
    expect((await the.handshake({ rawLines: more(65) })).status).toBe(431);
    expect((await the.handshake({ rawLines: more(64) })).status).toBe(101);
  });

  it('H8: headers named like prototype members are headers', async () => {
    const rawLines = ['__proto__: x', 'constructor: y', 'toString: z'];
    expect((await the.handshake({ rawLines })).status).toBe(101);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it.each([9, 17])('H9: %d KiB of header are refused with 431', async (size) => {
    const peer = await the.server.connect();
    peer.write(upgradeRequest({ headers: { 'X-Long': 'y'.repeat(size * 1024) } }));
    expect((await peer.response()).status).toBe(431);
    peer.destroy();
  });

  it('H9: a long header byte by byte is refused with 431', async () => {
    const peer = await the.server.connect();
    void peer.send(upgradeRequest({ headers: { 'X-Long': 'y'.repeat(17 * 1024) } }), byteByByte);
    expect((await peer.response()).status).toBe(431);
    peer.destroy();
  });

  it('H10: hundreds of bad keys leave nothing behind', async () => {
    await the.handshake(headers({ 'Sec-WebSocket-Key': 'bad' }));
    const grown = await the.growth(async () => {
      for (let i = 0; i < 300; i++) await the.handshake(headers({ 'Sec-WebSocket-Key': `bad${i}` }));
    });
    expect(grown).toBeLessThan(1024 * 1024);
  });

  it('H12: opening and resetting leaves nothing behind', async () => {
    for (let i = 0; i < 300; i++) {
      const peer = await the.server.connect();
      if (i % 3 > 0) peer.write(upgradeRequest().subarray(0, i % 3 === 1 ? 40 : undefined));
      peer.reset();
    }
    await within(PROMPTLY_MS, () => the.server.openSockets === 1);
  });

  it('answers a good handshake in full', async () => {
    const response = await the.handshake({});
    expect(response.headers).toEqual([
      ['upgrade', 'websocket'],
      ['connection', 'Upgrade'],
      ['sec-websocket-accept', acceptFor(exampleKey)],
    ]);
  });
});

describe('Handshakes while the application decides', () => {
  const aborted: boolean[] = [];
  const connected: string[] = [];
  let decide: () => boolean | Promise<boolean> = () => true;
  const the = new Arena(
    {
      handshakeTimeoutMs: 4 * PROMPTLY_MS,
      verifyClient: async ({ req, signal }) => {
        if (req.url === '/') return true;
        signal.addEventListener('abort', () => aborted.push(true));
        return decide();
      },
    },
    (socket, { url = '' }) => {
      connected.push(url);
      socket.on('message', (data) => socket.send(data as Buffer, { binary: false }));
    },
  );

  it('H11: a reset meanwhile aborts the decision and never connects', async () => {
    aborted.length = connected.length = 0;
    let letIn: (decision: boolean) => void = () => {};
    decide = () => new Promise((resolve) => (letIn = resolve));
    const peer = await the.server.connect();
    const asked = once(the.server.http, 'upgrade');
    peer.write(upgradeRequest({ target: '/reset' }));
    await asked;
    peer.reset();
    await within(PROMPTLY_MS, () => aborted.length === 1);
    letIn(true);
    await wait(20);
    expect(connected).toEqual([]);
  });

  it('H11: frames sent meanwhile are delivered after the 101, once', async () => {
    decide = () => wait(20, true);
    const peer = await the.server.connect();
    peer.write(upgradeRequest({ target: '/early' }));
    await peer.send(text('early'));
    expect((await peer.response()).status).toBe(101);
    expect((await peer.next()).payload.toString()).toBe('early');
    peer.destroy();
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('secret of the application');
      },
    ],
    ['rejects', () => Promise.reject(new Error('secret of the application'))],
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
    ['rejects with nothing', () => Promise.reject()],
  ])('H16: a decision that %s is refused with 500 and tells nothing', async (_, fails) => {
    decide = fails;
    const response = await the.handshake({ target: '/fails' });
    expect(response.status).toBe(500);
    expect(response.body).not.toContain('secret');
    expect(response.body).not.toContain('at ');
  });

  it('H16: a decision of no is refused with 401', async () => {
    decide = () => false;
    expect((await the.handshake({ target: '/no' })).status).toBe(401);
  });
});

describe('Handshakes while the application never decides', () => {
  const the = new Arena({
    // longer than a busy machine stands still
    handshakeTimeoutMs: 2_000,
    verifyClient: ({ req }) => req.url === '/' || new Promise(() => {}),
  });

  it('H11: a flood sent meanwhile is not read', async () => {
    const peer = await the.server.connect();
    const grown = await the.growth(async () => {
      peer.write(upgradeRequest({ target: '/flood' }));
      void peer.send(Buffer.alloc(32 * 1024 * 1024));
      await wait(50);
      expect(Math.max(...the.server.bytesRead())).toBeLessThan(1024 * 1024);
    });
    peer.destroy();
    expect(grown).toBeLessThan(40 * 1024 * 1024);
  });

  it('H15: are refused with 503 in time', async () => {
    expect((await the.handshake({ target: '/never' })).status).toBe(503);
  });
});

describe('Hostile handshakes on a port of its own', () => {
  const TIMEOUT_MS = 1_000;
  let server: WebSocketServer;

  beforeEach(async () => {
    server = new WebSocketServer({ port: 0, host: '127.0.0.1', handshakeTimeoutMs: TIMEOUT_MS });
    await once(server, 'listening');
  });

  afterEach(() => new Promise((resolve) => server.close(resolve)));

  const connect = (): Promise<RawPeer> => RawPeer.connect((server.address() as AddressInfo).port);

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['half a request line', Buffer.from('GET / HT')],
    ['half a header', upgradeRequest().subarray(0, 60)],
  ])('H14: %s and then silence is ended in time', async (_, bytes) => {
    const peer = await connect();
    peer.write(bytes);
    await peer.untilEnded();
    peer.destroy();
    if (bytes.length > 0) expect(peer.rawText).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('H14: a header that comes one byte at a time for ever is ended in time', async () => {
    const peer = await connect();
    const begun = performance.now();
    peer.write('GET / HTTP/1.1\r\nX: ');
    while (!peer.ended) {
      peer.write('y');
      await wait(20);
    }
    peer.destroy();
    expect(performance.now() - begun).toBeLessThan(TIMEOUT_MS + PROMPTLY_MS);
  });

  it('a request that is no upgrade is answered and ended', async () => {
    const peer = await connect();
    peer.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const { status } = await peer.response();
    peer.destroy();
    expect([400, 426]).toContain(status);
  });
});
