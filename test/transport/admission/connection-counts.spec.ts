import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { ConnectionCounts } from '../../../lib/transport/admission/connection-counts.js';

const gone = (socket: PassThrough): Promise<unknown> =>
  new Promise((closed) => socket.once('close', closed).destroy());

const status = (code: number, message: string) => expect.objectContaining({ status: code, message });

describe('a count of connections', () => {
  it('refuses the one beyond the limit with 503, until a socket is gone', async () => {
    const counts = new ConnectionCounts(2, Infinity);
    const sockets = [new PassThrough(), new PassThrough()];
    for (const socket of sockets) counts.add(socket, 'a');
    expect(() => counts.check('b')).toThrow(status(503, 'the server has all of its 2 connections'));
    await gone(sockets[0]!);
    expect(() => counts.check('b')).not.toThrow();
  });

  it('refuses one client beyond its limit with 429, and nobody else', async () => {
    const counts = new ConnectionCounts(Infinity, 1);
    const socket = new PassThrough();
    counts.add(socket, 'a');
    expect(() => counts.check('a')).toThrow(status(429, 'this address has all of its 1 connections'));
    expect(() => counts.check('b')).not.toThrow();
    await gone(socket);
    expect(() => counts.check('a')).not.toThrow();
  });

  it('counts who can’t be told from others in all only', () => {
    const counts = new ConnectionCounts(3, 1);
    for (let i = 0; i < 2; i++) counts.add(new PassThrough(), undefined);
    expect(() => counts.check(undefined)).not.toThrow();
    counts.add(new PassThrough(), undefined);
    expect(() => counts.check(undefined)).toThrow(status(503, expect.any(String) as unknown as string));
  });

  it('does not count a socket that is gone already', async () => {
    const counts = new ConnectionCounts(1, 1);
    const socket = new PassThrough();
    await gone(socket);
    counts.add(socket, 'a');
    expect(() => counts.check('a')).not.toThrow();
  });

  it('of 0 lets nobody in', () => {
    expect(() => new ConnectionCounts(0, Infinity).check('a')).toThrow();
    expect(() => new ConnectionCounts(Infinity, 0).check('a')).toThrow();
  });

  it('without a limit keeps nothing for a connection', () => {
    const socket = new PassThrough();
    const before = socket.listenerCount('close');
    new ConnectionCounts(Infinity, Infinity).add(socket, 'a');
    expect(socket.listenerCount('close')).toBe(before);
  });
});
