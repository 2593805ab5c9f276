import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { WebSocket, type WebSocketServer } from 'nestwire/websocket';
import { inWords } from '../../support/raw-peer-reader.js';
import { RawPeer } from '../../support/raw-peer.js';
import { checksum } from './checksum-extension.js';
import { closeAll, pair, portOf, serve } from './clients.js';

const DEFLATE = { threshold: 0 };
const RSV1 = 4;
const RSV2 = 2;

const open: WebSocket[] = [];

afterEach(() => {
  for (const socket of open.splice(0)) socket.terminate();
  closeAll();
});

async function echoServer(): Promise<WebSocketServer> {
  const server = await serve({ perMessageDeflate: DEFLATE, extensions: [checksum], maxPayload: 1024 * 1024 });
  server.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => socket.send(data as Buffer, { binary: isBinary }));
  });
  return server;
}

async function connect(server: WebSocketServer, options: object): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${portOf(server)}/`, options);
  open.push(socket);
  await once(socket, 'open');
  return socket;
}

async function answer(socket: WebSocket, data: string | Buffer): Promise<Buffer> {
  const message = once(socket, 'message') as Promise<[Buffer]>;
  socket.send(data);
  return (await message)[0];
}

const messages: [string, string | Buffer][] = [
  ['an empty text', ''],
  ['a short text', 'grüß Gott'],
  ['a long text', 'again and '.repeat(2_000)],
  ['bytes', Buffer.from(Array.from({ length: 256 }, (_, i) => i))],
  ['more bytes than are compressed at once', Buffer.alloc(200_000, 'slices')],
];

describe('compression and a checksum on one connection', () => {
  it('are both negotiated, with their parameters', async () => {
    const socket = await connect(await echoServer(), { perMessageDeflate: DEFLATE, extensions: [checksum] });
    expect(socket.extensions).toMatch(/^permessage-deflate.*, ?x-checksum; ?algorithm=sha256$/);
  });

  it.each(messages)('bring %s there and back', async (_what, data) => {
    const socket = await connect(await echoServer(), { perMessageDeflate: DEFLATE, extensions: [checksum] });
    expect((await answer(socket, data)).equals(Buffer.from(data))).toBe(true);
    // a context that was taken over has to be the right one
    expect((await answer(socket, data)).equals(Buffer.from(data))).toBe(true);
  });

  it('keep the order of large and small messages', async () => {
    const socket = await connect(await echoServer(), { perMessageDeflate: DEFLATE, extensions: [checksum] });
    const sizes = [100_000, 1, 70_000, 0, 2];
    const came: number[] = [];
    const all = new Promise<void>((resolve) => {
      socket.on('message', (data) => {
        if (came.push((data as Buffer).length) === sizes.length) resolve();
      });
    });
    for (const size of sizes) socket.send(Buffer.alloc(size, size));
    await all;
    expect(came).toEqual(sizes);
  });

  it('are each used alone where the client has only one of them', async () => {
    const server = await echoServer();
    const summed = await connect(server, { extensions: [checksum] });
    expect(summed.extensions).toBe('x-checksum; algorithm=sha256');
    expect((await answer(summed, 'sum')).toString()).toBe('sum');
    const { theirs } = await pair(server, '/', [], { perMessageDeflate: { threshold: 0 } });
    expect(theirs.extensions).toMatch(/^permessage-deflate/);
    theirs.send('squeeze');
    expect(String(((await once(theirs, 'message')) as [Buffer])[0])).toBe('squeeze');
  });

  it('set the bits of both, and a message broadcast to all is right for each', async () => {
    const server = await echoServer();
    const both = await connect(server, { perMessageDeflate: DEFLATE, extensions: [checksum] });
    const squeezed = await connect(server, { perMessageDeflate: DEFLATE });
    const plain = await connect(server, {});
    const came = [both, squeezed, plain].map((socket) => once(socket, 'message') as Promise<[Buffer]>);
    server.broadcast('to all of you');
    expect((await Promise.all(came)).map(([data]) => data.toString())).toEqual(
      Array(3).fill('to all of you'),
    );
  });

  it('are checked on the wire: a wrong sum closes with 1007', async () => {
    const server = await echoServer();
    const headers = { 'Sec-WebSocket-Extensions': 'x-checksum; algorithm=sha256' };
    const peer = await RawPeer.open(portOf(server), { headers }, { allowedRsv: RSV1 | RSV2 });
    await peer.send({ opcode: 1, payload: Buffer.from('message and no sum'), rsv: RSV2 });
    expect(inWords(await peer.next())).toBe('close 1007');
    peer.destroy();
  });

  it('do not share bits with each other: two that claim the same are not negotiated together', async () => {
    const server = await serve({ perMessageDeflate: DEFLATE, extensions: [{ ...checksum, rsv: 0x40 }] });
    const socket = await connect(server, { perMessageDeflate: DEFLATE, extensions: [checksum] });
    expect(socket.extensions).toMatch(/^permessage-deflate(?!.*x-checksum)/);
  });
});
