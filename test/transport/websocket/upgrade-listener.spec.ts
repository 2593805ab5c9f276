import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  type UpgradeHandler,
  leaveToOthers,
  listenForUpgrades,
} from '../../../lib/transport/websocket/upgrade-listener.js';
import { closeAll, everything, handshakeRequest, httpServer, portOf, tcp } from './clients.js';
import { fakeTimeouts } from '../../support/fake-timeouts.js';

const LIMIT_MS = 5000;

let server: Server;
let peer: Socket;

beforeEach(async () => {
  server = await httpServer();
  peer = await tcp(portOf(server));
  fakeTimeouts();
});

afterEach(() => {
  jest.useRealTimers();
  closeAll();
});

/** Serves one path; answers nothing. */
function listen(path: string): { handle: jest.Mock<UpgradeHandler>; stop: () => void } {
  const handle = jest.fn<UpgradeHandler>();
  const stop = listenForUpgrades(server, (request) => request.url === path, handle, LIMIT_MS);
  return { handle, stop };
}

/** Asks for a path and waits until all listeners had their chance. */
async function ask(path: string): Promise<Duplex> {
  const upgrade = once(server, 'upgrade') as Promise<[unknown, Duplex]>;
  peer.write(handshakeRequest(path));
  const [, socket] = await upgrade;
  return socket;
}

/** Someone else on the same server who does nothing but listen. */
const bystander = (): void => void server.on('upgrade', () => {});

describe('a listener for upgrades', () => {
  it('handles its own', async () => {
    const { handle } = listen('/ours');
    const socket = await ask('/ours');
    expect(handle).toHaveBeenCalledTimes(1);
    expect(handle.mock.calls[0]![0].url).toBe('/ours');
    expect(handle.mock.calls[0]![1]).toBe(socket);
    expect(Buffer.isBuffer(handle.mock.calls[0]![2])).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('stands beside others: each handles its own', async () => {
    const one = listen('/one');
    const two = listen('/two');
    await ask('/two');
    expect(one.handle).not.toHaveBeenCalled();
    expect(two.handle).toHaveBeenCalledTimes(1);
  });

  it('hears nothing more once it was ended', async () => {
    const one = listen('/ours');
    bystander();
    one.stop();
    await ask('/ours');
    expect(one.handle).not.toHaveBeenCalled();
  });

  it('watches for responses before an upgrade', () => {
    const before = server.listenerCount('request');
    listen('/ours');
    expect(server.listenerCount('request')).toBe(before + 1);
  });
});

describe('an upgrade for a path that nobody serves', () => {
  it('is answered with 404 where we listen alone', async () => {
    const { handle } = listen('/ours');
    peer.write(handshakeRequest('/unknown'));
    expect(await everything(peer)).toMatch(/^HTTP\/1\.1 404 Not Found\r\n[^]*nothing is served here$/);
    expect(handle).not.toHaveBeenCalled();
  });

  it('is left alone where others listen, until the limit, and then closed', async () => {
    listen('/ours');
    bystander();
    const socket = await ask('/unknown');
    await jest.advanceTimersByTimeAsync(LIMIT_MS - 1);
    expect(socket.destroyed).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(socket.destroyed).toBe(true);
  });

  it('is closed at the limit too when two of us listen', async () => {
    listen('/one');
    listen('/two');
    const socket = await ask('/unknown');
    await jest.advanceTimersByTimeAsync(LIMIT_MS);
    expect(socket.destroyed).toBe(true);
  });

  it('is another listener’s to answer', async () => {
    listen('/ours');
    server.on('upgrade', (_request, socket) => socket.write('HTTP/1.1 101 Mine\r\n\r\n'));
    const socket = await ask('/theirs');
    await jest.advanceTimersByTimeAsync(LIMIT_MS * 2);
    expect(socket.destroyed).toBe(false);
  });

  it('is another listener’s also while that only reads', async () => {
    listen('/ours');
    server.on('upgrade', (_request, socket) => socket.on('data', () => {}));
    const socket = await ask('/theirs');
    await jest.advanceTimersByTimeAsync(LIMIT_MS * 2);
    expect(socket.destroyed).toBe(false);
  });

  it('may be answered by another listener later, within the limit', async () => {
    listen('/ours');
    bystander();
    const socket = await ask('/theirs');
    await jest.advanceTimersByTimeAsync(LIMIT_MS - 1);
    socket.write('HTTP/1.1 101 Mine\r\n\r\n');
    await jest.advanceTimersByTimeAsync(LIMIT_MS);
    expect(socket.destroyed).toBe(false);
  });

  it('leaves no timer behind when its socket closes first', async () => {
    listen('/ours');
    bystander();
    const socket = await ask('/unknown');
    expect(jest.getTimerCount()).toBe(1);
    socket.destroy();
    await once(socket, 'close');
    expect(jest.getTimerCount()).toBe(0);
  });

  it.each([
    ['alone', () => {}],
    ['beside others', bystander],
  ])('and is reset while we listen %s ends no process', async (_where, join) => {
    listen('/ours');
    join();
    const socket = await ask('/unknown');
    // Without a listener for errors of our own this is thrown, and the test run fails
    socket.destroy(new Error('ECONNRESET'));
    await new Promise((closed) => socket.once('close', closed));
    expect(socket.errored).toMatchObject({ message: 'ECONNRESET' });
  });
});

describe('a socket with bytes written before', () => {
  it('counts as untouched all the same', async () => {
    server.on('request', (_request, response) => response.end('earlier'));
    peer.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(peer, 'data');
    server.on('upgrade', (_request, socket) => leaveToOthers(server, socket, LIMIT_MS));
    bystander();
    const socket = await ask('/unknown');
    await jest.advanceTimersByTimeAsync(LIMIT_MS);
    expect(socket.destroyed).toBe(true);
  });
});
