import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import {
  type WebSocket,
  WebSocketServer,
  type WebSocketServerOptions,
} from '../../../lib/transport/websocket/index.js';
import {
  closeAll,
  client,
  everything,
  handshakeRequest,
  httpServer,
  pair,
  portOf,
  serve,
  tcp,
} from './clients.js';

afterEach(closeAll);

const addressPort = (server: WebSocketServer): number => {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

describe('the options of a server', () => {
  it.each<[string, WebSocketServerOptions]>([
    ['none', {}],
    ['noServer: false', { noServer: false }],
    ['port and server', { port: 0, server: createServer() }],
    ['port and noServer', { port: 0, noServer: true }],
    ['all three', { port: 0, server: createServer(), noServer: true }],
  ])('must have exactly one of port, server and noServer, not %s', (_what, options) => {
    expect(() => new WebSocketServer(options)).toThrow(
      new TypeError('a WebSocketServer needs exactly one of the options port, server and noServer'),
    );
  });

  it('must have a time for handshakes that is one', () => {
    expect(() => new WebSocketServer({ noServer: true, handshakeTimeoutMs: -1 })).toThrow(RangeError);
  });

  it('stay readable', () => {
    const options = { noServer: true };
    expect(new WebSocketServer(options).options).toBe(options);
  });
});

describe('a server with a port', () => {
  it('listens, tells so, and has an address', async () => {
    const listening = jest.fn();
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' }, listening);
    await once(server, 'listening');
    expect(listening).toHaveBeenCalledTimes(1);
    expect(server.address()).toMatchObject({ address: '127.0.0.1', family: 'IPv4' });
    server.close();
    await once(server, 'close');
  });

  it('exchanges messages with its clients', async () => {
    const { ours, theirs, request } = await pair(await serve(), '/path?query');
    expect(request.url).toBe('/path?query');
    ours.on('message', (data, isBinary) => ours.send(data as Buffer, { binary: isBinary }));
    theirs.send('text');
    expect(await once(theirs, 'message')).toEqual([Buffer.from('text'), false]);
    theirs.send(Buffer.alloc(100_000, 'b'));
    const [echo, isBinary] = (await once(theirs, 'message')) as [Buffer, boolean];
    expect(echo.equals(Buffer.alloc(100_000, 'b'))).toBe(true);
    expect(isBinary).toBe(true);
  });

  it('answers other requests with 426', async () => {
    const response = await fetch(`http://127.0.0.1:${addressPort(await serve())}/`);
    expect(response.status).toBe(426);
    expect(response.headers.get('upgrade')).toBe('websocket');
    expect(await response.text()).toBe('Upgrade Required');
  });

  it('tells of a port that is taken as an error, and can be closed', async () => {
    const taken = addressPort(await serve());
    const server = new WebSocketServer({ port: taken, host: '127.0.0.1' });
    const error = await new Promise((resolve) => server.once('error', resolve));
    expect(error).toMatchObject({ code: 'EADDRINUSE' });
    server.close();
    await once(server, 'close');
  });
});

describe('a server on an HTTP server', () => {
  it('shares it with requests', async () => {
    const http = await httpServer(createServer((_request, response) => response.end('http')));
    const server = new WebSocketServer({ server: http });
    const { theirs } = await pair(server);
    const response = await fetch(`http://127.0.0.1:${portOf(http)}/`);
    expect(await response.text()).toBe('http');
    expect(theirs.readyState).toBe(1);
    expect(server.address()).toEqual(http.address());
  });

  it('hands its listening and error events on, until closed', async () => {
    const http = createServer();
    const server = new WebSocketServer({ server: http });
    const told: string[] = [];
    server.on('listening', () => told.push('listening')).on('error', ({ message }) => told.push(message));
    await httpServer(http);
    http.emit('error', new Error('broken'));
    server.close();
    await once(server, 'close');
    http.on('error', () => {});
    http.emit('error', new Error('not ours any more'));
    expect(told).toEqual(['listening', 'broken']);
  });

  it('stands beside another with another path', async () => {
    const http = await httpServer();
    const one = new WebSocketServer({ server: http, path: '/one' });
    const two = new WebSocketServer({ server: http, path: '/two' });
    const first = await pair(one, '/one?a=b');
    const second = await pair(two, '/two');
    expect(one.clients).toEqual(new Set([first.ours]));
    expect(two.clients).toEqual(new Set([second.ours]));
  });

  it('leaves the HTTP server open when it closes', async () => {
    const http = await httpServer();
    const server = new WebSocketServer({ server: http });
    server.close();
    await once(server, 'close');
    expect(http.listening).toBe(true);
    expect(http.listenerCount('upgrade')).toBe(0);
  });
});

describe('a server without one', () => {
  it('has no address', () => {
    const server = new WebSocketServer({ noServer: true });
    expect(() => server.address()).toThrow('a server with noServer has no address');
  });

  it('does the handshakes that it is given', async () => {
    const http = await httpServer();
    const server = new WebSocketServer({ noServer: true });
    const accepted = new Promise<WebSocket>((resolve) => {
      http.on('upgrade', (request, socket, head) =>
        server.handleUpgrade(request, socket, head, (webSocket, given) => {
          expect(given).toBe(request);
          resolve(webSocket);
        }),
      );
    });
    const connections = jest.fn();
    server.on('connection', connections);
    await once(client(portOf(http)), 'open');
    expect(server.clients).toEqual(new Set([await accepted]));
    // As in `ws`: whoever handles upgrades by hand decides who is told
    expect(connections).not.toHaveBeenCalled();
    for (const webSocket of server.clients) webSocket.terminate();
  });
});

describe('the path', () => {
  it.each(['/ws', '/ws?', '/ws?a=/b'])('is compared without the query: %s', async (path) => {
    const { ours } = await pair(await serve({ path: '/ws' }), path);
    expect(ours.readyState).toBe(1);
  });

  it.each(['/', '/w', '/ws/', '/ws/a', '/WS', '/a/ws'])('is compared whole: %s is 404', async (path) => {
    const peer = await tcp(addressPort(await serve({ path: '/ws' })));
    peer.write(handshakeRequest(path));
    expect(await everything(peer)).toMatch(/^HTTP\/1\.1 404 /);
  });

  it('may be any where none is given', async () => {
    const server = await serve();
    expect((await pair(server, '/any/where')).ours.readyState).toBe(1);
  });
});

describe('clients', () => {
  it('are those that are open', async () => {
    const server = await serve();
    const first = await pair(server);
    const second = await pair(server);
    expect(server.clients).toEqual(new Set([first.ours, second.ours]));
    first.theirs.terminate();
    await once(first.ours, 'close');
    expect(server.clients).toEqual(new Set([second.ours]));
  });

  it('are not kept where tracking is off', async () => {
    const server = await serve({ clientTracking: false });
    const { ours, theirs } = await pair(server);
    expect(server.clients.size).toBe(0);
    theirs.terminate();
    await once(ours, 'close');
  });
});

describe('a broadcast', () => {
  it('reaches all open clients', async () => {
    const server = await serve();
    const pairs = [await pair(server), await pair(server), await pair(server)];
    pairs[2]!.ours.close();
    const received = pairs.slice(0, 2).map(({ theirs }) => once(theirs, 'message'));
    const missed = jest.fn();
    pairs[2]!.theirs.on('message', missed);
    server.broadcast('all');
    expect(await Promise.all(received)).toEqual([
      [Buffer.from('all'), false],
      [Buffer.from('all'), false],
    ]);
    expect(missed).not.toHaveBeenCalled();
  });

  it.each<[string, string | number | Buffer, boolean | undefined, boolean]>([
    ['a string as text', 'a', undefined, false],
    ['a number as text', 7, undefined, false],
    ['bytes as binary', Buffer.from('b'), undefined, true],
    ['a string as binary where asked', 'a', true, true],
    ['bytes as text where asked', Buffer.from('b'), false, false],
  ])('sends %s', async (_what, data, binary, isBinary) => {
    const server = await serve();
    const { theirs } = await pair(server);
    server.broadcast(data, binary === undefined ? {} : { binary });
    expect(await once(theirs, 'message')).toEqual([Buffer.from(String(data)), isBinary]);
  });

  it.each<[string, (excluded: WebSocket) => WebSocket | ReadonlySet<WebSocket>]>([
    ['one client', (excluded) => excluded],
    ['a set of clients', (excluded) => new Set([excluded])],
  ])('may leave out %s', async (_what, except) => {
    const server = await serve();
    const left = await pair(server);
    const reached = await pair(server);
    const missed = jest.fn();
    left.theirs.on('message', missed);
    server.broadcast('not for all', { except: except(left.ours) });
    await once(reached.theirs, 'message');
    left.ours.send('for the one');
    expect(await once(left.theirs, 'message')).toEqual([Buffer.from('for the one'), false]);
    expect(missed).toHaveBeenCalledTimes(1);
  });

  it('reaches nobody where nobody is', async () => {
    const server = await serve();
    expect(() => server.broadcast('a')).not.toThrow();
  });
});

describe('closing a server', () => {
  it('frees its port and calls back', async () => {
    const server = await serve();
    const callback = jest.fn();
    server.close(callback);
    await once(server, 'close');
    expect(callback.mock.calls).toEqual([[]]);
    const next = new WebSocketServer({ port: 0 });
    await once(next, 'listening');
    next.close();
  });

  it('leaves open connections open, and is done with the last', async () => {
    const server = await serve();
    const { ours, theirs } = await pair(server);
    const closed = jest.fn();
    server.close(closed);
    await turn();
    ours.send('still here');
    expect(await once(theirs, 'message')).toEqual([Buffer.from('still here'), false]);
    expect(closed).not.toHaveBeenCalled();
    theirs.close();
    await once(server, 'close');
    expect(closed).toHaveBeenCalledTimes(1);
  });

  it('on a foreign HTTP server waits for the last client too', async () => {
    const http = await httpServer();
    const server = new WebSocketServer({ server: http });
    const { theirs } = await pair(server);
    let isClosed = false;
    server.close(() => {
      isClosed = true;
    });
    await turn();
    expect(isClosed).toBe(false);
    theirs.terminate();
    await once(server, 'close');
  });

  it('twice calls both back, afterwards with an error', async () => {
    const server = await serve();
    const [first, second, third] = [jest.fn(), jest.fn(), jest.fn<(error?: Error) => void>()];
    server.close(first);
    server.close(second);
    await once(server, 'close');
    server.close(third);
    server.close();
    await turn();
    expect([first.mock.calls, second.mock.calls]).toEqual([[[]], [[]]]);
    expect(third.mock.calls[0]![0]).toMatchObject({ message: 'the server is not running' });
  });

  it('refuses handshakes that come by hand with 503', async () => {
    const http = await httpServer();
    const server = new WebSocketServer({ noServer: true });
    server.close();
    http.on('upgrade', (request, socket: Duplex, head: Buffer) =>
      server.handleUpgrade(request, socket, head, () => {
        throw new Error('accepted');
      }),
    );
    const peer = await tcp(portOf(http));
    peer.write(handshakeRequest());
    expect(await everything(peer)).toMatch(/^HTTP\/1\.1 503 [^]*the server is closing$/);
  });
});
