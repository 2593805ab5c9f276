import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import {
  HandshakeError,
  type VerifyInfo,
  WebSocketServer,
  type WebSocketServerOptions,
} from '../../../lib/transport/websocket/index.js';
import {
  client,
  closeAll,
  everything,
  handshakeRequest,
  httpServer,
  pair,
  portOf,
  refusal,
  serve,
  tcp,
} from './clients.js';
import { TEXT, clientFrame } from '../../protocol/websocket/frames.js';
import { fakeTimeouts } from '../../support/fake-timeouts.js';

afterEach(() => {
  jest.useRealTimers();
  closeAll();
});

const portFor = async (options: Partial<WebSocketServerOptions>): Promise<number> => {
  const server = await serve(options);
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

/** Sends a raw handshake, or anything, to a server with these options. */
async function ask(text: string, options: Partial<WebSocketServerOptions> = {}): Promise<Socket> {
  const peer = await tcp(await portFor(options));
  peer.write(text);
  return peer;
}

describe('a bad handshake', () => {
  it('is refused with its status, and told as wsClientError', async () => {
    const server = await serve();
    const told = once(server, 'wsClientError');
    const address = server.address() as AddressInfo;
    const peer = await tcp(address.port);
    peer.write(handshakeRequest().replace('Version: 13', 'Version: 8'));
    expect(await everything(peer)).toMatch(/^HTTP\/1\.1 426 [^]*\r\nSec-WebSocket-Version: 13\r\n/);
    const [error, socket, request] = (await told) as [HandshakeError, Socket, { url: string }];
    expect(error).toMatchObject({ status: 426 });
    expect(socket.writableEnded).toBe(true);
    expect(request.url).toBe('/');
    expect(server.clients.size).toBe(0);
  });

  it('from another origin is 403, unless that is allowed', async () => {
    const evil = { origin: 'https://evil.com' };
    expect((await refusal(client(await portFor({}), '/', [], evil))).status).toBe(403);
    const { ours } = await pair(await serve({ origin: ['https://evil.com'] }), '/', [], evil);
    expect(ours.readyState).toBe(1);
  });

  it('with malformed extensions is 400', async () => {
    const peer = await ask(handshakeRequest('/', 'Sec-WebSocket-Extensions: a;;'));
    expect(await everything(peer)).toMatch(/^HTTP\/1\.1 400 [^]*Sec-WebSocket-Extensions is malformed$/);
  });

  it('behind an unanswered request is cut off, so that no response gets into the frames', async () => {
    const server = await httpServer();
    const webSockets = new WebSocketServer({ server });
    const connections = jest.fn();
    webSockets.on('connection', connections);
    server.on('request', (_request, response) => setImmediate(() => response.end('late')));
    const peer = await tcp(portOf(server));
    peer.write(`GET / HTTP/1.1\r\nHost: a\r\n\r\n${handshakeRequest()}`);
    expect(await everything(peer)).not.toContain('101');
    expect(connections).not.toHaveBeenCalled();
  });
});

describe('the address of a client', () => {
  it.each([
    ['a proxy that is trusted', { trustedProxies: ['127.0.0.1'] }, '203.0.113.9'],
    ['nobody that is trusted', {}, '127.0.0.1'],
  ])('is told behind %s', async (_who, options, address) => {
    const server = await serve(options);
    const headers = { 'X-Forwarded-For': '203.0.113.9' };
    const { request } = await pair(server, '/', [], { headers });
    expect(server.addressOf(request)).toBe(address);
  });

  it.each([{ trustedProxies: ['proxy'] }, { maxConnections: -1 }, { connectionRate: NaN }])(
    'needs good options: %j',
    (options) => {
      expect(() => new WebSocketServer({ noServer: true, ...options })).toThrow(RangeError);
    },
  );
});

describe('verifyClient', () => {
  it.each<[string, WebSocketServerOptions['verifyClient']]>([
    ['at once', () => true],
    ['later', () => turn().then(() => true)],
  ])('may let a client in %s', async (_when, verifyClient) => {
    const { ours, theirs } = await pair(await serve({ verifyClient: verifyClient! }));
    theirs.send('hi');
    expect(await once(ours, 'message')).toEqual([Buffer.from('hi'), false]);
  });

  it.each<[string, NonNullable<WebSocketServerOptions['verifyClient']>, number, string]>([
    ['false', () => false, 401, 'the connection was not authorized'],
    ['a promise of false', () => Promise.resolve(false), 401, 'the connection was not authorized'],
    ['an error', () => Promise.reject(new Error('secret')), 500, 'the handshake failed'],
    ['a refusal', () => Promise.reject(new HandshakeError(429, 'slow down')), 429, 'slow down'],
  ])('may refuse with %s', async (_what, verifyClient, status, body) => {
    const answer = await refusal(client(await portFor({ verifyClient })));
    expect(answer).toMatchObject({ status, body });
    expect(answer.headers.connection).toBe('close');
  });

  it('may refuse with a header that can’t be sent, which harms nobody', async () => {
    const error = new HandshakeError(401, 'no', { 'X-Bad': 'a\r\nb' });
    const answer = await refusal(client(await portFor({ verifyClient: () => Promise.reject(error) })));
    expect(answer).toMatchObject({ status: 500, body: 'the handshake failed' });
    expect(answer.headers).not.toHaveProperty('x-bad');
  });

  it('that takes too long is refused with 503, and told', async () => {
    fakeTimeouts();
    let asked: (info: VerifyInfo) => void = () => {};
    const info = new Promise<VerifyInfo>((resolve) => (asked = resolve));
    const peer = await ask(handshakeRequest(), {
      handshakeTimeoutMs: 300,
      verifyClient(given) {
        asked(given);
        return new Promise(() => {});
      },
    });
    const { signal } = await info;
    await jest.advanceTimersByTimeAsync(300);
    expect(await everything(peer)).toMatch(/^HTTP\/1\.1 503 [^]*the handshake took over 300 ms$/);
    expect(signal.aborted).toBe(true);
  });

  it('may take any time where the limit is Infinity', async () => {
    const verifyClient = (): Promise<boolean> => new Promise((decide) => setTimeout(() => decide(true), 20));
    const { ours } = await pair(await serve({ verifyClient, handshakeTimeoutMs: Infinity }));
    expect(ours.readyState).toBe(1);
  });

  it('is told when the peer resets meanwhile; there is no connection then', async () => {
    let asked: (info: VerifyInfo) => void = () => {};
    const info = new Promise<VerifyInfo>((resolve) => (asked = resolve));
    const server = await serve({
      verifyClient(given) {
        asked(given);
        return new Promise(() => {});
      },
    });
    const connections = jest.fn();
    server.on('connection', connections);
    const refused = once(server, 'wsClientError');
    const peer = await tcp((server.address() as AddressInfo).port);
    peer.write(handshakeRequest());
    const { signal } = await info;
    peer.resetAndDestroy();
    const [error] = (await refused) as [HandshakeError];
    expect(error).toMatchObject({ status: 400, message: 'the peer left' });
    expect(signal.aborted).toBe(true);
    expect(connections).not.toHaveBeenCalled();
  });

  it('that decides after the server was closed lets nobody in', async () => {
    let decide: (allowed: boolean) => void = () => {};
    const http = await httpServer();
    const verifyClient = (): Promise<boolean> => new Promise((resolve) => (decide = resolve));
    const server = new WebSocketServer({ server: http, verifyClient });
    const connections = jest.fn();
    server.on('connection', connections);
    const refused = refusal(client(portOf(http)));
    await once(http, 'upgrade');
    await turn();
    server.close();
    await once(server, 'close');
    decide(true);
    expect(await refused).toMatchObject({ status: 503, body: 'the server is closing' });
    expect(connections).not.toHaveBeenCalled();
  });

  it('keeps what the peer sends meanwhile, and hands it on once', async () => {
    const server = await serve({ verifyClient: () => turn().then(() => true) });
    const messages: string[] = [];
    const received = new Promise<void>((resolve) => {
      server.on('connection', (socket) =>
        socket.on('message', (data) => {
          if (messages.push((data as Buffer).toString()) === 2) resolve();
        }),
      );
    });
    const peer = await tcp((server.address() as AddressInfo).port);
    peer.write(Buffer.concat([Buffer.from(handshakeRequest()), clientFrame(TEXT, 'early')]));
    peer.write(clientFrame(TEXT, 'later'));
    await received;
    expect(messages).toEqual(['early', 'later']);
  });
});

describe('a listener for connections that throws', () => {
  it('is the application’s error, not a refusal', async () => {
    const http = await httpServer();
    const server = new WebSocketServer({ noServer: true });
    const refusals = jest.fn();
    server.on('wsClientError', refusals);
    const thrown = new Promise((resolve) => {
      http.on('upgrade', (request, socket, head) => {
        try {
          server.handleUpgrade(request, socket, head, () => {
            throw new Error('application');
          });
        } catch (error) {
          resolve(error);
        }
      });
    });
    const theirs = client(portOf(http));
    await once(theirs, 'open');
    expect(await thrown).toMatchObject({ message: 'application' });
    expect(refusals).not.toHaveBeenCalled();
    for (const webSocket of server.clients) webSocket.terminate();
  });
});

describe('subprotocols', () => {
  it('are selected by the client’s preference among those served', async () => {
    const { ours, theirs } = await pair(await serve({ protocols: ['a', 'b'] }), '/', ['c', 'b', 'a']);
    expect([ours.protocol, theirs.protocol]).toEqual(['b', 'b']);
  });

  it('are none where none is in common, and the connection is open all the same', async () => {
    const peer = await ask(handshakeRequest('/', 'Sec-WebSocket-Protocol: x'), { protocols: ['a'] });
    const [head] = (await once(peer, 'data')) as [Buffer];
    expect(head.toString()).toMatch(/^HTTP\/1\.1 101 /);
    expect(head.toString()).not.toContain('Sec-WebSocket-Protocol');
  });

  it('are up to handleProtocols where there is one', async () => {
    const handleProtocols = (offered: Set<string>): string => [...offered].at(-1)!;
    const { theirs } = await pair(await serve({ handleProtocols, protocols: ['a'] }), '/', ['a', 'b']);
    expect(theirs.protocol).toBe('b');
  });

  it.each<[string, () => string]>([
    [
      'throws',
      () => {
        throw new Error('application');
      },
    ],
    ['answers with a line break', () => 'a\r\nX-Smuggled: b'],
  ])('whose handleProtocols %s are refused with 500', async (_what, handleProtocols) => {
    const peer = await ask(handshakeRequest('/', 'Sec-WebSocket-Protocol: a'), { handleProtocols });
    const answer = await everything(peer);
    expect(answer).toMatch(/^HTTP\/1\.1 500 [^]*the handshake failed$/);
    expect(answer).not.toContain('X-Smuggled');
  });
});

describe('permessage-deflate', () => {
  it('is off unless asked for', async () => {
    const { ours, theirs } = await pair(await serve());
    expect([ours.extensions, theirs.extensions]).toEqual(['', '']);
  });

  it.each<[string, NonNullable<WebSocketServerOptions['perMessageDeflate']>]>([
    ['true', true],
    ['options', { threshold: 0 }],
  ])('is on with %s, and messages go both ways', async (_what, perMessageDeflate) => {
    const { ours, theirs } = await pair(await serve({ perMessageDeflate }));
    expect(ours.extensions).toBe('permessage-deflate');
    ours.on('message', (data) => ours.send(data as Buffer, { binary: false }));
    for (const text of ['short', 'long '.repeat(1000), 'long '.repeat(1000)]) {
      theirs.send(text);
      expect(await once(theirs, 'message')).toEqual([Buffer.from(text), false]);
    }
  });

  it('stays off with false', async () => {
    expect((await pair(await serve({ perMessageDeflate: false }))).ours.extensions).toBe('');
  });
});
