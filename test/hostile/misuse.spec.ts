import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import {
  HandshakeError,
  WebSocketServer,
  acceptUpgrade,
  readUpgrade,
  refuseUpgrade,
  type WebSocket,
  type WebSocketServerOptions,
} from 'nestwire/websocket';
import { text } from '../support/raw-peer-frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { Arena, PROMPTLY_MS, within } from './arena.js';

describe('An application that uses a socket wrongly', () => {
  const opened: WebSocket[] = [];
  const the = new Arena({}, (socket) => {
    opened.push(socket);
    socket.on('message', (data) => socket.send(data as Buffer, { binary: false }));
  });

  async function openBoth(): Promise<{ peer: RawPeer; socket: WebSocket }> {
    const peer = await the.open();
    return { peer, socket: opened.at(-1)! };
  }

  it.each([[undefined], [null], [{}], [true], [Symbol('x')], [() => {}]])(
    'X1: sending %p throws a TypeError and sends nothing',
    async (wrong) => {
      const { peer, socket } = await openBoth();
      expect(() => socket.send(wrong as never)).toThrow(TypeError);
      await peer.send(text('still open'));
      expect((await peer.next()).payload.toString()).toBe('still open');
      peer.destroy();
    },
  );

  it('X1: a ping or pong of 126 bytes throws and sends nothing', async () => {
    const { peer, socket } = await openBoth();
    expect(() => socket.ping(Buffer.alloc(126))).toThrow(RangeError);
    expect(() => socket.pong(Buffer.alloc(126))).toThrow(RangeError);
    socket.ping(Buffer.alloc(125));
    expect(await peer.next()).toMatchObject({ kind: 'ping', payload: Buffer.alloc(125) });
    peer.destroy();
  });

  it('X2: sending after close tells the callback, and nobody else', async () => {
    const { peer, socket } = await openBoth();
    socket.close(1000);
    const error = await new Promise<Error | undefined>((resolve) => socket.send('late', resolve));
    expect(error).toBeInstanceOf(Error);
    socket.send('late, without a callback');
    socket.ping('late');
    expect((await peer.closeAndEnd()).map(({ kind }) => kind)).toEqual(['close']);
    peer.destroy();
  });

  it('X2: every callback comes once, with an error, when the peer is gone', async () => {
    const { peer, socket } = await openBoth();
    const calls: (Error | undefined)[] = [];
    socket.pause();
    for (let i = 0; i < 100; i++) socket.send(Buffer.alloc(100_000), (error) => calls.push(error));
    peer.socket.pause();
    peer.reset();
    await once(socket, 'close');
    socket.send('after', (error) => calls.push(error));
    await within(PROMPTLY_MS, () => calls.length === 101);
    expect(calls.at(-1)).toBeInstanceOf(Error);
  });

  it('X2: everything may be called after the end', async () => {
    const { peer, socket } = await openBoth();
    peer.reset();
    await once(socket, 'close');
    socket.close(1000);
    socket.terminate();
    socket.ping();
    socket.pong();
    socket.pause();
    socket.resume();
    socket.send('x');
    expect(socket.readyState).toBe(3);
    expect(socket.bufferedAmount).toBe(0);
  });

  it('X3: a socket closed inside of its message handler delivers nothing more', async () => {
    const { peer, socket } = await openBoth();
    let seen = 0;
    socket.removeAllListeners('message');
    socket.on('message', () => {
      seen++;
      socket.terminate();
    });
    await peer.send([text('a'), text('b'), text('c')]);
    await peer.untilEnded();
    peer.destroy();
    expect(seen).toBe(1);
  });

  it('X3: a listener that closes while messages wait in the same packet is obeyed', async () => {
    const { peer, socket } = await openBoth();
    socket.once('message', () => socket.close(4000, 'enough'));
    await peer.send([text('a'), text('b')]);
    const codes = (await peer.closeAndEnd())
      .filter(({ kind }) => kind === 'close')
      .map(({ payload }) => payload.readUInt16BE());
    expect(codes).toEqual([4000]);
    peer.destroy();
  });

  it('N7: a header with a line break throws before anything is written', async () => {
    const thrown: unknown[] = [];
    the.server.http.removeAllListeners('upgrade');
    the.server.http.on('upgrade', (request, socket, head) => {
      try {
        acceptUpgrade(socket, head, readUpgrade(request), { headers: { 'X-Evil': 'a\r\nSet-Cookie: b' } });
      } catch (error) {
        thrown.push(error);
        refuseUpgrade(socket, new HandshakeError(500, 'no'));
      }
    });
    expect((await the.handshake({})).status).toBe(500);
    expect(thrown).toEqual([expect.objectContaining({ name: 'TypeError' })]);
  });
});

describe('An application that makes a server wrongly', () => {
  it.each<[string, unknown]>([
    ['neither port nor server', {}],
    ['port and server', { port: 0, server: createServer() }],
    ['server and noServer', { noServer: true, server: createServer() }],
    ['a negative limit', { noServer: true, handshakeTimeoutMs: -1 }],
    ['a limit that is no number', { noServer: true, handshakeTimeoutMs: '10' }],
  ])('X1: %s throws', (_, options) => {
    expect(() => new WebSocketServer(options as WebSocketServerOptions)).toThrow();
  });

  it('X1: the same socket can not be upgraded twice', async () => {
    const http = createServer().listen(0);
    const server = new WebSocketServer({ noServer: true });
    const outcomes: string[] = [];
    http.on('upgrade', (request, socket, head) => {
      server.handleUpgrade(request, socket, head, () => outcomes.push('open'));
      try {
        server.handleUpgrade(request, socket, head, () => outcomes.push('open again'));
      } catch (error) {
        outcomes.push((error as Error).name);
      }
    });
    await once(http, 'listening');
    const peer = await RawPeer.connect((http.address() as { port: number }).port);
    await peer.upgrade();
    peer.destroy();
    http.close();
    server.close();
    expect(outcomes).not.toContain('open again');
  });
});
