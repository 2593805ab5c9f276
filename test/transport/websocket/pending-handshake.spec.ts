import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Admission } from '../../../lib/transport/admission/index.js';
import { PendingHandshake } from '../../../lib/transport/websocket/pending-handshake.js';
import { FakeSocket } from './fake-socket.js';
import { requestFrom } from '../admission/requests.js';

let socket: FakeSocket;
let admission: Admission;
let pending: PendingHandshake;

beforeEach(() => {
  socket = new FakeSocket();
  admission = new Admission({ maxPendingHandshakes: 1 });
  pending = new PendingHandshake(socket, admission);
});

afterEach(() => {
  socket.destroy();
});

/** Whether one more handshake might wait. */
function hasRoom(): boolean {
  try {
    admission.enter(requestFrom(), new FakeSocket());
    return true;
  } catch {
    return false;
  }
}

/** Reads on, from the same tick. */
async function read(): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await turn();
  return Buffer.concat(chunks).toString();
}

describe('a pending handshake', () => {
  it('counts until it is over, once', () => {
    expect(hasRoom()).toBe(false);
    pending.over();
    pending.over();
    expect(hasRoom()).toBe(true);
    const another = new PendingHandshake(socket, admission);
    expect(hasRoom()).toBe(false);
    another.over();
  });

  it('counts no more when the socket is gone', async () => {
    socket.destroy();
    await turn();
    expect(hasRoom()).toBe(true);
    pending.over();
    expect(hasRoom()).toBe(true);
  });

  it('ends with the peer, at once', async () => {
    await socket.arriveEnd();
    expect(socket.destroyed).toBe(true);
    expect(hasRoom()).toBe(true);
  });

  it('ends with the peer also behind what that had to say', async () => {
    await socket.arrive(Buffer.from('early'));
    await socket.arriveEnd();
    expect(socket.destroyed).toBe(true);
  });

  it('puts what came early back, before what comes later', async () => {
    await socket.arrive(Buffer.from('one '), Buffer.from('two '));
    pending.over();
    const all = read();
    socket.push('three');
    expect(await all).toBe('one two three');
  });

  it('leaves a socket that nothing came from as it was', async () => {
    pending.over();
    expect(socket.listenerCount('data') + socket.listenerCount('end')).toBe(0);
    const all = read();
    socket.push('first');
    expect(await all).toBe('first');
  });

  it('reads no more than a client may send early, and all of it later', async () => {
    for (let i = 0; i < 40; i++) await socket.arrive(Buffer.alloc(1024, 'x'));
    expect(socket.isPaused()).toBe(true);
    expect(socket.readableLength).toBe(24 * 1024);
    pending.over();
    expect(await read()).toHaveLength(40 * 1024);
  });

  it('that nobody took is read to its end', async () => {
    await socket.arrive(Buffer.from('early'));
    pending.over();
    socket.end();
    await socket.arriveEnd();
    await turn();
    expect(socket.destroyed).toBe(true);
  });
});
