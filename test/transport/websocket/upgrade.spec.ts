import { once } from 'node:events';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { HandshakeError, type OpeningHandshake } from '../../../lib/protocol/websocket/index.js';
import {
  acceptUpgrade,
  headerLines,
  readUpgrade,
  refuseUpgrade,
  survive,
  switchProtocols,
} from '../../../lib/transport/websocket/upgrade.js';
import { perMessageDeflate } from '../../../lib/transport/websocket/deflate/permessage-deflate.js';
import { TEXT, clientFrame } from '../../protocol/websocket/frames.js';
import {
  EXAMPLE_ACCEPT,
  EXAMPLE_KEY,
  closeAll,
  everything,
  handshakeRequest,
  httpServer,
  portOf,
  tcp,
} from './clients.js';
import { fakeTimeouts } from '../../support/fake-timeouts.js';
import { FakeSocket } from './fake-socket.js';

const NO_HEAD = Buffer.alloc(0);
const HANDSHAKE: OpeningHandshake = {
  key: EXAMPLE_KEY,
  path: '/',
  target: '/',
  host: 'localhost',
  origin: undefined,
  subprotocols: ['chat'],
  extensions: undefined,
};

let socket: FakeSocket;

beforeEach(() => {
  socket = new FakeSocket();
});

afterEach(() => {
  closeAll();
  socket.destroy();
});

describe('reading an upgrade', () => {
  it('takes the raw header lines of a request', () => {
    const request = new IncomingMessage(new Socket());
    Object.assign(request, { method: 'GET', url: '/a?b', httpVersionMajor: 1, httpVersionMinor: 1 });
    const lines = handshakeRequest().split('\r\n').slice(1, -2);
    request.rawHeaders = lines.flatMap((line) => line.split(': '));
    expect(readUpgrade(request)).toMatchObject({ key: EXAMPLE_KEY, path: '/a', host: '127.0.0.1' });
    request.rawHeaders = [];
    expect(() => readUpgrade(request)).toThrow(HandshakeError);
  });
});

describe('accepting an upgrade', () => {
  it('writes the 101 and takes the socket over', () => {
    const webSocket = acceptUpgrade(socket, NO_HEAD, HANDSHAKE, { heartbeat: false });
    expect(socket.output.toString()).toBe(
      'HTTP/1.1 101 Switching Protocols\r\n' +
        'Upgrade: websocket\r\n' +
        'Connection: Upgrade\r\n' +
        `Sec-WebSocket-Accept: ${EXAMPLE_ACCEPT}\r\n\r\n`,
    );
    expect(webSocket).toMatchObject({ readyState: 1, protocol: '', extensions: '' });
    expect(socket.calls).toEqual(['setTimeout 0', 'setNoDelay']);
  });

  it('has defaults for all options', () => {
    expect(acceptUpgrade(socket, NO_HEAD, HANDSHAKE).readyState).toBe(1);
  });

  it('says the subprotocol and further headers, also repeated ones', () => {
    const headers = { 'X-One': 'a', 'Set-Cookie': ['b=1', 'c=2'] };
    const options = { subprotocol: 'chat', headers, heartbeat: false } as const;
    expect(acceptUpgrade(socket, NO_HEAD, HANDSHAKE, options).protocol).toBe('chat');
    const lines = socket.output.toString().split('\r\n').slice(4);
    expect(lines).toEqual([
      'X-One: a',
      'Set-Cookie: b=1',
      'Set-Cookie: c=2',
      'Sec-WebSocket-Protocol: chat',
      '',
      '',
    ]);
  });

  it('agrees on extensions that the client offers', () => {
    const offering = { ...HANDSHAKE, extensions: 'permessage-deflate; server_no_context_takeover, x-other' };
    const options = { extensions: [perMessageDeflate()], heartbeat: false } as const;
    const webSocket = acceptUpgrade(socket, NO_HEAD, offering, options);
    const agreed = 'permessage-deflate; server_no_context_takeover';
    expect(socket.output.toString()).toContain(`\r\nSec-WebSocket-Extensions: ${agreed}\r\n`);
    expect(webSocket.extensions).toBe(agreed);
  });

  it('refuses malformed extensions before anything is written', () => {
    const offering = { ...HANDSHAKE, extensions: 'a;;b="' };
    expect(() => acceptUpgrade(socket, NO_HEAD, offering)).toThrow(expect.objectContaining({ status: 400 }));
    expect(socket.writes).toEqual([]);
  });

  it('reads the bytes behind the handshake once, before what comes later, and not at once', async () => {
    const head = Buffer.concat([clientFrame(TEXT, 'one'), clientFrame(TEXT, 'two').subarray(0, 4)]);
    const webSocket = acceptUpgrade(socket, head, HANDSHAKE, { heartbeat: false });
    const told: string[] = [];
    await Promise.resolve();
    webSocket.on('message', (data) => told.push((data as Buffer).toString()));
    await socket.arrive(clientFrame(TEXT, 'two').subarray(4), clientFrame(TEXT, 'three'));
    expect(told).toEqual(['one', 'two', 'three']);
  });

  it.each([
    ['a value with a line break', { 'X-A': 'a\r\nX-B: b' }],
    ['a value with a lone CR', { 'X-A': 'a\rb' }],
    ['a value with a lone LF', { 'X-A': 'a\nb' }],
    ['a value with a NUL', { 'X-A': 'a\0b' }],
    ['a value beyond Latin-1', { 'X-A': '€' }],
    ['one bad value of two', { 'X-A': ['fine', 'a\nb'] }],
    ['a name with a line break', { 'X-A\r\nX-B': 'b' }],
    ['a name with a colon', { 'X:A': 'b' }],
    ['an empty name', { '': 'b' }],
  ])('throws for %s, and neither writes nor takes the socket', (_what, headers) => {
    const refused = () => acceptUpgrade(socket, NO_HEAD, HANDSHAKE, { headers, heartbeat: false });
    expect(refused).toThrow(expect.objectContaining({ name: 'TypeError' }));
    expect(socket.writes).toEqual([]);
    expect(socket.listenerCount('data')).toBe(0);
  });

  it('throws for a subprotocol that is no header value', () => {
    const options = { subprotocol: 'chat\r\nX-B: b', heartbeat: false } as const;
    expect(() => acceptUpgrade(socket, NO_HEAD, HANDSHAKE, options)).toThrow(/Invalid character/);
    expect(socket.writes).toEqual([]);
  });

  it('throws for a bad limit, and writes nothing', () => {
    expect(() => acceptUpgrade(socket, NO_HEAD, HANDSHAKE, { maxPayload: -1 })).toThrow(RangeError);
    expect(socket.writes).toEqual([]);
  });
});

describe('switching protocols', () => {
  it('leaves the socket to the caller', () => {
    const { socket: given, extensions } = switchProtocols(socket, NO_HEAD, HANDSHAKE, {});
    expect(given).toBe(socket);
    expect(extensions).toEqual([]);
    expect(socket.listenerCount('data')).toBe(0);
  });
});

describe('refusing an upgrade', () => {
  beforeEach(() => {
    fakeTimeouts();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  const answer = (): string[] => socket.output.toString().split('\r\n');

  it('answers with the status, the headers and the reason, and ends', () => {
    refuseUpgrade(socket, new HandshakeError(426, 'version 13', { 'Sec-WebSocket-Version': '13' }));
    expect(answer()).toEqual([
      'HTTP/1.1 426 Upgrade Required',
      'Connection: close',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Length: 10',
      'Sec-WebSocket-Version: 13',
      '',
      'version 13',
    ]);
    expect(socket.writableEnded).toBe(true);
  });

  it('has a phrase for a status that HTTP does not know', () => {
    refuseUpgrade(socket, new HandshakeError(499, 'no'));
    expect(answer()[0]).toBe('HTTP/1.1 499 Refused');
  });

  it('answers with 500 where a header can’t be sent, and lets none of it out', () => {
    refuseUpgrade(
      socket,
      new HandshakeError(401, 'who are you', { 'X-Good': 'a', 'X-Bad': 'a\r\nX-Smuggled: b' }),
    );
    expect(answer()[0]).toBe('HTTP/1.1 500 Internal Server Error');
    expect(socket.output.toString()).not.toMatch(/X-|who are you/);
    expect(socket.writableEnded).toBe(true);
  });

  it('cuts a peer off that does not close its side within a second', async () => {
    refuseUpgrade(socket, new HandshakeError(400, 'no'));
    await jest.advanceTimersByTimeAsync(999);
    expect(socket.destroyed).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(socket.destroyed).toBe(true);
  });

  it('reads and drops what the peer still sends, and leaves no timer behind', async () => {
    refuseUpgrade(socket, new HandshakeError(400, 'no'));
    await socket.arrive(Buffer.alloc(100_000));
    await socket.arriveEnd();
    await turn();
    expect(socket.destroyed).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('writes nothing to a peer that has left', async () => {
    socket.destroy();
    refuseUpgrade(socket, new HandshakeError(400, 'no'));
    const ended = new FakeSocket();
    ended.end();
    await turn();
    refuseUpgrade(ended, new HandshakeError(400, 'no'));
    expect([socket.writes, ended.writes]).toEqual([[], []]);
    expect(ended.destroyed).toBe(true);
  });
});

describe('a peer that resets in mid-handshake', () => {
  it('does not become an uncaught error', async () => {
    survive(socket);
    socket.destroy(new Error('ECONNRESET'));
    await turn();
    expect(socket.destroyed).toBe(true);
  });
});

describe('header lines', () => {
  it('are one for each value', () => {
    expect(headerLines({ A: 'b', C: ['d', 'e'], F: [] })).toEqual(['A: b', 'C: d', 'C: e']);
    expect(headerLines({})).toEqual([]);
  });
});

describe('on a real socket', () => {
  it('bytes sent along with the handshake are a message, and a refusal arrives whole', async () => {
    const server = await httpServer();
    const messages: string[] = [];
    server.on('upgrade', (request, upgraded, head) => {
      if (request.url === '/no') return refuseUpgrade(upgraded, new HandshakeError(403, 'not here'));
      const webSocket = acceptUpgrade(upgraded, head, readUpgrade(request));
      webSocket.on('message', (data) => {
        messages.push((data as Buffer).toString());
        webSocket.terminate();
      });
    });
    const accepted = await tcp(portOf(server));
    accepted.write(Buffer.concat([Buffer.from(handshakeRequest('/')), clientFrame(TEXT, 'early')]));
    expect(await everything(accepted)).toMatch(/^HTTP\/1\.1 101 /);
    expect(messages).toEqual(['early']);
    const refused = await tcp(portOf(server));
    refused.write(`${handshakeRequest('/no')}${'x'.repeat(10_000)}`);
    expect(await everything(refused)).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n[^]*not here$/);
    refused.end();
    await once(refused, 'close');
  });
});
