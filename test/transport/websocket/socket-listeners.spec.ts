import { beforeEach, describe, expect, it } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { type SocketUser, useSocket } from '../../../lib/transport/websocket/socket-listeners.js';
import { FakeSocket } from './fake-socket.js';

class User implements SocketUser {
  readonly log: string[] = [];
  receive(chunk: Buffer): void {
    this.log.push(`receive ${chunk.toString()}`);
  }
  socketEnded(): void {
    this.log.push('ended');
  }
  socketClosed(): void {
    this.log.push('closed');
  }
}

let socket: FakeSocket;
let user: User;

beforeEach(() => {
  socket = new FakeSocket();
  user = new User();
  useSocket(socket.asSocket, user);
});

describe('using a socket', () => {
  it('takes its time-out off and sends without delay', () => {
    expect(socket.calls).toEqual(['setTimeout 0', 'setNoDelay']);
  });

  it('hands on what comes, the end of it and the close', async () => {
    await socket.arrive(Buffer.from('a'), Buffer.from('b'));
    await socket.arriveEnd();
    socket.end();
    await turn();
    expect(user.log).toEqual(['receive a', 'receive b', 'ended', 'closed']);
  });

  it('survives a reset, which is told as the close', async () => {
    socket.destroy(new Error('ECONNRESET'));
    await turn();
    expect(user.log).toEqual(['closed']);
  });

  it('keeps users of different sockets apart, without a listener of their own', async () => {
    const other = new FakeSocket();
    const otherUser = new User();
    useSocket(other.asSocket, otherUser);
    await other.arrive(Buffer.from('x'));
    expect(user.log).toEqual([]);
    expect(otherUser.log).toEqual(['receive x']);
    expect(other.listeners('data')).toEqual(socket.listeners('data'));
  });
});
