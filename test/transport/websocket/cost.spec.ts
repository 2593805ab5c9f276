/**
 * What a message costs, counted instead of timed: writes, buffers, timers and listeners. A regression shows
 * here without a stop-watch; how long it all takes is the business of test/bench.
 */
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import {
  WebSocketServer,
  type WebSocket,
  type WebSocketServerOptions,
} from '../../../lib/transport/websocket/index.js';
import { Deflater } from '../../../lib/transport/websocket/deflate/sync-zlib.js';

const HANDSHAKE = [
  'GET / HTTP/1.1',
  'Host: localhost',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  'Sec-WebSocket-Version: 13',
];

/** A masked text frame with a short payload. */
function frame(text: string): Buffer {
  const key = [1, 2, 3, 4];
  const payload = Buffer.from(text).map((byte, i) => byte ^ key[i % 4]!);
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, ...key]), payload]);
}

let server: WebSocketServer;
const peers: net.Socket[] = [];

async function start(options: Omit<WebSocketServerOptions, 'port'> = {}): Promise<void> {
  server = new WebSocketServer({ ...options, port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
}

/** Opens a connection; gives the raw peer and the server's side of it. */
async function open(
  ...headers: string[]
): Promise<{ peer: net.Socket; client: WebSocket; socket: net.Socket }> {
  const peer = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
  peers.push(peer);
  peer.setNoDelay();
  peer.write([...HANDSHAKE, ...headers, '\r\n'].join('\r\n'));
  const [client, request] = (await once(server, 'connection')) as [WebSocket, { socket: net.Socket }];
  await once(peer, 'data');
  return { peer, client, socket: request.socket };
}

async function read(peer: net.Socket, bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  while (Buffer.concat(chunks).length < bytes) chunks.push(((await once(peer, 'data')) as [Buffer])[0]);
  return Buffer.concat(chunks);
}

afterEach(async () => {
  jest.restoreAllMocks();
  for (const peer of peers.splice(0)) peer.destroy();
  for (const client of server.clients) client.terminate();
  await new Promise((resolve) => server.close(resolve));
});

describe('the cost of an echo', () => {
  it('is one write for all messages that came in one read', async () => {
    await start();
    const { peer, client, socket } = await open();
    client.on('message', (data, isBinary) => client.send(data as Buffer, { binary: isBinary }));
    const write = jest.spyOn(socket, 'write');
    peer.write(Buffer.concat(Array.from({ length: 16 }, () => frame('hello'))));
    expect(await read(peer, 16 * 7)).toEqual(
      Buffer.concat(Array<Buffer>(16).fill(Buffer.from('\x81\x05hello', 'latin1'))),
    );
    expect(write).toHaveBeenCalledTimes(1);
  });

  it('is one buffer a message, the one that the application gets', async () => {
    await start();
    const { peer, client } = await open();
    client.on('message', (data, isBinary) => client.send(data as Buffer, { binary: isBinary }));
    peer.write(frame('warm'));
    await read(peer, 6);
    const allocate = jest.spyOn(Buffer, 'allocUnsafe');
    const concat = jest.spyOn(Buffer, 'concat');
    const from = jest.spyOn(Buffer, 'from');
    const frames = Array.from({ length: 10 }, () => frame('hello'));
    const sent = frames.reduce((all, one) => Uint8Array.from([...all, ...one]), new Uint8Array());
    allocate.mockClear();
    concat.mockClear();
    from.mockClear();
    peer.write(sent);
    await once(peer, 'data');
    expect(allocate.mock.calls.filter(([size]) => size === 5)).toHaveLength(10);
    expect(concat).not.toHaveBeenCalled();
    expect(from).not.toHaveBeenCalled();
  });

  it('sets no timer', async () => {
    await start({ heartbeat: false });
    const { peer, client } = await open();
    client.on('message', (data, isBinary) => client.send(data as Buffer, { binary: isBinary }));
    const timers = [
      jest.spyOn(globalThis, 'setTimeout'),
      jest.spyOn(globalThis, 'setInterval'),
      jest.spyOn(globalThis, 'setImmediate'),
    ];
    peer.write(frame('hello'));
    await once(peer, 'data');
    for (const timer of timers) expect(timer).not.toHaveBeenCalled();
  });
});

describe('the cost of a long text', () => {
  it('is one buffer, which it is encoded into, and one write', async () => {
    await start();
    const { peer, client, socket } = await open();
    const text = 'x'.repeat(100_000);
    const write = jest.spyOn(socket, 'write');
    const allocate = jest.spyOn(Buffer, 'allocUnsafe');
    const extra = [
      jest.spyOn(Buffer, 'from'),
      jest.spyOn(Buffer, 'byteLength'),
      jest.spyOn(Buffer, 'concat'),
    ];
    client.send(text);
    expect(allocate.mock.calls).toEqual([[10 + text.length]]);
    for (const spy of extra) expect(spy).not.toHaveBeenCalled();
    await read(peer, 10 + text.length);
    expect(write).toHaveBeenCalledTimes(1);
  });
});

describe('the cost of a broadcast', () => {
  it('is one write a client for a burst of one tick, and frames are made once', async () => {
    await start();
    const clients = [await open(), await open(), await open()];
    const writes = clients.map(({ socket }) => jest.spyOn(socket, 'write'));
    const received = clients.map(({ peer }) => read(peer, 8 * 102));
    const allocate = jest.spyOn(Buffer, 'allocUnsafe');
    for (let i = 0; i < 8; i++) server.broadcast('x'.repeat(100));
    const framed = allocate.mock.calls.filter(([size]) => size === 102);
    await Promise.all(received);
    expect(framed).toHaveLength(8);
    for (const write of writes) expect(write).toHaveBeenCalledTimes(1);
    const [first, ...others] = writes.map((write) => write.mock.calls[0]![0]);
    for (const other of others) expect(other).toBe(first);
  });
});

describe('the cost of a compressed broadcast', () => {
  const OFFER = 'Sec-WebSocket-Extensions: permessage-deflate';

  it('is compressing it once, whether clients keep a context or not', async () => {
    await start({ perMessageDeflate: true });
    const clients = [
      await open(OFFER),
      await open(`${OFFER}; server_no_context_takeover`),
      await open(OFFER),
    ];
    const deflate = jest.spyOn(Deflater.prototype, 'deflate');
    const reset = jest.spyOn(Deflater.prototype, 'reset');
    const writes = clients.map(({ socket }) => jest.spyOn(socket, 'write'));
    const received = clients.map(({ peer }) => once(peer, 'data'));
    for (let i = 0; i < 8; i++) server.broadcast('x'.repeat(2_000));
    await Promise.all(received);
    expect(deflate).toHaveBeenCalledTimes(8);
    expect(reset).toHaveBeenCalledTimes(8);
    const [first, ...others] = writes.map((write) => write.mock.calls[0]![0]);
    for (const other of others) expect(other).toBe(first);
  });
});

describe('the cost of a connection', () => {
  it('is one listener a socket event, and no timer of its own', async () => {
    await start();
    const setTimeoutSpy = jest.spyOn(globalThis, 'setTimeout');
    const { socket, client } = await open();
    expect(setTimeoutSpy).not.toHaveBeenCalled();
    for (const event of ['data', 'error', 'close']) expect(socket.listenerCount(event)).toBe(1);
    expect(client.eventNames()).toEqual([]);
  });
});
