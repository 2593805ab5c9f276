import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer as WsServer } from 'ws';
import { CloseEvent, ErrorEvent, WebSocket } from '../../../lib/transport/websocket/index.js';

let server: WsServer;
let socket: WebSocket;

const address = (): string => `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;

beforeEach(async () => {
  server = new WsServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (peer) => {
    peer.on('message', (data, isBinary) => peer.send(data as Buffer, { binary: isBinary }));
  });
  await once(server, 'listening');
  socket = new WebSocket(address());
});

afterEach(async () => {
  socket.terminate();
  for (const client of server.clients) client.terminate();
  await new Promise((resolve) => server.close(resolve));
});

const opened = (): Promise<unknown> => once(socket as unknown as EventEmitter, 'open');

/** The data of the event that `onmessage` gets for what is sent. */
async function echo(data: string | Buffer): Promise<MessageEvent> {
  const event = new Promise<MessageEvent>((resolve) => (socket.onmessage = resolve));
  socket.send(data);
  return event;
}

describe('the event interface of browsers', () => {
  it('tells of opening, with the socket as target', async () => {
    const event = await new Promise<Event>((resolve) => (socket.onopen = resolve));
    expect(event.type).toBe('open');
    expect(event.target).toBe(socket);
  });

  it('gives text as a string', async () => {
    await opened();
    expect((await echo('héllo')).data).toBe('héllo');
  });

  it('gives binary data as binaryType says', async () => {
    await opened();
    expect((await echo(Buffer.from('ab'))).data).toEqual(Buffer.from('ab'));
    socket.binaryType = 'arraybuffer';
    expect(Buffer.from((await echo(Buffer.from('ab'))).data as ArrayBuffer).toString()).toBe('ab');
    socket.binaryType = 'fragments';
    expect((await echo(Buffer.from('ab'))).data).toEqual([Buffer.from('ab')]);
    socket.binaryType = 'blob';
    await expect(((await echo(Buffer.from('ab'))).data as Blob).text()).resolves.toBe('ab');
  });

  it('tells of the end with code, reason and whether it was clean', async () => {
    await opened();
    const closed = new Promise<CloseEvent>((resolve) => (socket.onclose = resolve));
    socket.close(4001, 'enough');
    const event = await closed;
    expect(event).toBeInstanceOf(CloseEvent);
    expect(event).toMatchObject({ code: 4001, reason: 'enough', wasClean: true });
  });

  it('tells of an error as an event, and of the end that follows', async () => {
    const { port } = server.address() as AddressInfo;
    await opened();
    socket.terminate();
    await new Promise((resolve) => server.close(resolve));
    socket = new WebSocket(`ws://127.0.0.1:${port}/`);
    const events: string[] = [];
    socket.onerror = (event) => {
      expect(event).toBeInstanceOf(ErrorEvent);
      expect(event.message).toContain('ECONNREFUSED');
      events.push(event.type);
    };
    await new Promise<void>((resolve) => (socket.onclose = () => resolve(void events.push('close'))));
    expect(events).toEqual(['error', 'close']);
    server = new WsServer({ port: 0, host: '127.0.0.1' });
  });

  it('adds a listener once, removes it, and knows objects with handleEvent', async () => {
    const listener = jest.fn();
    const handler = { handleEvent: jest.fn() };
    const removed = jest.fn();
    socket.addEventListener('open', listener);
    socket.addEventListener('open', listener);
    socket.addEventListener('open', handler);
    socket.addEventListener('open', removed);
    socket.removeEventListener('open', removed);
    await opened();
    expect(listener).toHaveBeenCalledTimes(1);
    expect(handler.handleEvent).toHaveBeenCalledTimes(1);
    expect(removed).not.toHaveBeenCalled();
  });

  it('calls a listener with once for the first event only', async () => {
    await opened();
    const listener = jest.fn();
    socket.addEventListener('message', listener, { once: true });
    await echo('a');
    await echo('b');
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('keeps one handler property an event, apart from listeners', async () => {
    const [first, second] = [jest.fn(), jest.fn()];
    expect(socket.onopen).toBeNull();
    socket.addEventListener('open', first);
    socket.onopen = first;
    socket.onopen = second;
    expect(socket.onopen).toBe(second);
    socket.removeEventListener('open', second);
    await opened();
    expect(first).toHaveBeenCalledTimes(1);
    expect(second).toHaveBeenCalledTimes(1);
    socket.onopen = null;
    expect(socket.onopen).toBeNull();
  });
});
