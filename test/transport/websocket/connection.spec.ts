import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { WebSocketError } from '../../../lib/protocol/websocket/index.js';
import { PreparedFrames } from '../../../lib/transport/websocket/prepared-frames.js';
import {
  CLOSE,
  PING,
  PONG,
  TEXT,
  clientFrame,
  closePayload,
  frame,
} from '../../protocol/websocket/frames.js';
import { fakeTimeouts } from '../../support/fake-timeouts.js';
import { type Connected, connectedInTests } from './owner.js';
import { linesIn } from './received-frames.js';

const KIB = 1024;

const connect = connectedInTests();

beforeEach(fakeTimeouts);

afterEach(() => void jest.useRealTimers());

describe('bytes from the socket', () => {
  it('are told as messages and control frames', async () => {
    const { socket, owner } = connect();
    await socket.arrive(
      clientFrame(TEXT, 'a'),
      clientFrame(2, 'b'),
      clientFrame(PING, 'p'),
      clientFrame(PONG, 'q'),
    );
    expect(owner.log).toEqual(['text a', 'binary b', 'ping p', 'pong q']);
  });

  it('of a ping are answered', async () => {
    const { socket } = connect();
    await socket.arrive(clientFrame(PING, 'p'));
    expect(linesIn(socket.output)).toEqual(['pong p']);
  });

  it('are answered in one write a chunk, as soon as it was read', () => {
    const { socket, owner, connection } = connect();
    owner.listener = (text) => connection.send(`re ${text}`, false, true);
    connection.receive(
      Buffer.concat([clientFrame(TEXT, 'a'), clientFrame(PING, 'p'), clientFrame(TEXT, 'b')]),
    );
    expect(socket.writes).toHaveLength(1);
    expect(linesIn(socket.output)).toEqual(['pong p', 'text re a', 'text re b']);
  });

  it('of a server go to a client', async () => {
    const { socket, owner } = connect({ role: 'client' });
    await socket.arrive(frame(TEXT, 'a'));
    expect(owner.log).toEqual(['text a']);
  });
});

describe('sending', () => {
  it('takes text and bytes, as text or binary', async () => {
    const { socket, connection } = connect();
    connection.send('a', false, true);
    connection.send('b', true, true);
    connection.send(Buffer.from('c'), false, true);
    connection.send(Buffer.from('d'), true, true);
    await turn();
    expect(linesIn(socket.output)).toEqual(['text a', 'binary b', 'text c', 'binary d']);
    expect(socket.writes).toHaveLength(1);
  });

  it('calls back when the kernel has it', async () => {
    const { connection } = connect();
    const callback = jest.fn();
    connection.send('a', false, true, callback);
    expect(callback).not.toHaveBeenCalled();
    await turn();
    expect(callback.mock.calls).toEqual([[]]);
  });

  it.each([
    ['closing', (one: Connected) => one.connection.close(1000)],
    ['closed', (one: Connected) => one.socket.destroy()],
  ])('calls back with an error while %s, and needs no callback', async (state, leave) => {
    const one = connect();
    leave(one);
    await turn();
    one.socket.writes.length = 0;
    const callback = jest.fn<(error?: Error) => void>();
    one.connection.send('late', false, true, callback);
    one.connection.send('late', false, true);
    one.connection.sendPrepared(new PreparedFrames(Buffer.from('late'), false));
    expect(callback).not.toHaveBeenCalled();
    await turn();
    expect(callback.mock.calls[0]![0]).toMatchObject({ message: `the connection is ${state}` });
    expect(one.socket.writes).toEqual([]);
  });

  it('tells of callbacks that the end of the connection came before', async () => {
    const { socket, connection } = connect();
    const callback = jest.fn<(error?: Error) => void>();
    socket.hold();
    connection.send('a', false, true, callback);
    await turn();
    connection.terminate();
    await turn();
    expect(callback.mock.calls[0]![0]).toBeInstanceOf(Error);
  });

  it('of a prepared message puts the same bytes on every connection', async () => {
    const frames = new PreparedFrames(Buffer.from('all'), true);
    const both = [connect(), connect()];
    for (const { connection } of both) connection.sendPrepared(frames);
    await turn();
    for (const { socket } of both) expect(linesIn(socket.output)).toEqual(['binary all']);
  });

  it('of much goes out in the middle of a tick', () => {
    const { socket, connection } = connect();
    connection.send(Buffer.alloc(70 * KIB), true, true);
    connection.sendPrepared(new PreparedFrames(Buffer.alloc(70 * KIB), true));
    expect(socket.writes).toHaveLength(2);
  });
});

describe('a slow peer', () => {
  const limits = { maxOutboundBytes: 1000 };

  /** The kernel is full, and more than the limit waits. */
  async function full(): Promise<Connected> {
    const one = connect(limits);
    one.socket.hold();
    one.connection.send(Buffer.alloc(2000), true, true);
    await turn();
    return one;
  }

  it('may always be sent one message, however large, on an empty queue', async () => {
    const { owner, connection } = await full();
    expect(connection.queuedBytes).toBe(2004);
    expect(owner.log).toEqual([]);
  });

  it('fails with 1008 when more is sent than the limit allows to wait', async () => {
    const { owner, connection } = await full();
    const callback = jest.fn<(error?: Error) => void>();
    connection.send('one too many', false, true, callback);
    expect(owner.log).toEqual(['failed WS_ERR_OUTBOUND_LIMIT: 2004 unsent bytes exceed the limit of 1000']);
    expect(connection.state).toBe('closing');
    await turn();
    expect(callback.mock.calls[0]![0]).toMatchObject({ message: 'the connection is closing' });
  });

  it('fails by a prepared message too', async () => {
    const { owner, connection } = await full();
    connection.sendPrepared(new PreparedFrames(Buffer.from('a'), true));
    expect(owner.log).toHaveLength(1);
  });

  it('loses what waits, and gets the close frame when it reads on', async () => {
    const one = connect(limits);
    one.socket.hold();
    one.connection.send('in the kernel', false, true);
    await turn();
    one.connection.send(Buffer.alloc(2000), true, true);
    one.connection.send('one too many', false, true);
    await one.socket.release();
    expect(linesIn(one.socket.output).map((line) => line.slice(0, 18))).toEqual([
      'text in the kernel',
      'close 1008 2019 un',
    ]);
  });

  it('is cut off after a second', async () => {
    const { socket, owner, connection } = await full();
    connection.send('one too many', false, true);
    await jest.advanceTimersByTimeAsync(999);
    expect(socket.destroyed).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    await turn();
    expect(socket.destroyed).toBe(true);
    expect(owner.log.at(-1)).toBe('closed 1006');
  });

  it('is told of once and cut off in time, even if the application sends on and on', async () => {
    const { socket, owner, connection } = await full();
    for (let i = 0; i < 10; i++) {
      connection.send('more', false, true);
      connection.sendPrepared(new PreparedFrames(Buffer.from('more'), true));
      await jest.advanceTimersByTimeAsync(100);
    }
    expect(socket.destroyed).toBe(true);
    expect(owner.log.filter((line) => line.startsWith('failed'))).toHaveLength(1);
  });

  it('is one only after the kernel was asked: a tick may send any amount', async () => {
    const { owner, socket, connection } = connect(limits);
    for (let i = 0; i < 100; i++) connection.send(Buffer.alloc(100), true, true);
    await turn();
    expect(owner.log).toEqual([]);
    expect(linesIn(socket.output)).toHaveLength(100);
  });

  it('that caught up is told drained', async () => {
    const { socket, owner } = await full();
    await socket.release();
    expect(owner.log).toEqual(['drain']);
  });
});

describe('pongs that the peer does not take', () => {
  const pings = (count: number): Buffer =>
    Buffer.concat(Array.from({ length: count }, () => clientFrame(PING)));

  it('may be as many as the limit', async () => {
    const { socket, owner, connection } = connect({ maxPendingAutoPongs: 3 });
    socket.hold();
    connection.send('fills the kernel', false, true);
    await turn();
    await socket.arrive(pings(3));
    expect(owner.log).toEqual(['ping ', 'ping ', 'ping ']);
  });

  it('beyond the limit fail the connection, and cut it off after a second', async () => {
    const { socket, owner, connection } = connect({ maxPendingAutoPongs: 3 });
    socket.hold();
    connection.send('fills the kernel', false, true);
    await turn();
    await socket.arrive(pings(1000));
    expect(owner.log).toContain('failed WS_ERR_TOO_MANY_PENDING_PONGS: 4 unsent pongs exceed the limit of 3');
    expect(owner.log.length).toBeLessThan(8);
    await jest.advanceTimersByTimeAsync(1000);
    expect(socket.destroyed).toBe(true);
  });

  it('are none where the kernel takes them, though a thousand came in one chunk', async () => {
    const { socket, owner } = connect({ maxPendingAutoPongs: 3 });
    await socket.arrive(pings(1000));
    expect(owner.log.filter((line) => line.startsWith('failed'))).toEqual([]);
    expect(linesIn(socket.output)).toHaveLength(1000);
  });

  it('are counted alone, not pings of our own', async () => {
    const { socket, owner, connection } = connect({ maxPendingAutoPongs: 3 });
    socket.hold();
    for (let i = 0; i < 10; i++) connection.sendControl(PING, Buffer.alloc(0));
    await turn();
    expect(owner.log).toEqual([]);
  });
});

describe('the end', () => {
  it('is clean when the peer closes: answered, then half-closed', async () => {
    const { socket, owner } = connect();
    await socket.arrive(clientFrame(CLOSE, closePayload(1001, 'bye')));
    expect(linesIn(socket.output)).toEqual(['close 1001 bye']);
    expect(socket.writableEnded).toBe(true);
    await socket.arriveEnd();
    await turn();
    expect(owner.end).toEqual({ code: 1001, reason: 'bye', clean: true });
  });

  it('comes behind the messages already sent when we close', async () => {
    const { socket, connection } = connect();
    connection.send('a', false, true);
    connection.close(1000, 'done');
    await turn();
    expect(linesIn(socket.output)).toEqual(['text a', 'close 1000 done']);
    expect(connection.state).toBe('closing');
    expect(socket.writableEnded).toBe(false);
  });

  it('is waited for as long as the close wait says', async () => {
    const { socket, owner, connection } = connect({ closeTimeoutMs: 300 });
    connection.close(1000);
    await jest.advanceTimersByTimeAsync(299);
    expect(socket.destroyed).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    await turn();
    expect(owner.log).toEqual(['closed 1006']);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('leaves no timer behind when it comes in time', async () => {
    const { socket, connection } = connect();
    connection.close(1000);
    await socket.arrive(clientFrame(CLOSE, closePayload(1000)));
    await socket.arriveEnd();
    await turn();
    expect(socket.destroyed).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('is abnormal when the peer just ends its stream', async () => {
    const { socket, owner } = connect();
    await socket.arriveEnd();
    await turn();
    expect(owner.end).toEqual({ code: 1006, reason: '', clean: false });
    expect(socket.writes).toEqual([]);
  });

  it('is abnormal after a reset, which is no error of ours', async () => {
    const { socket, owner } = connect();
    socket.destroy(new Error('ECONNRESET'));
    await turn();
    expect(owner.log).toEqual(['closed 1006']);
  });

  it('is told once', async () => {
    const { owner, connection } = connect();
    connection.terminate();
    connection.terminate();
    await turn();
    expect(owner.log).toEqual(['closed 1006']);
    expect(connection.state).toBe('closed');
  });

  it('after a violation says why, and tells the owner', async () => {
    const { socket, owner } = connect();
    await socket.arrive(frame(TEXT, 'not masked'));
    expect(owner.log).toEqual(['failed WS_ERR_EXPECTED_MASK: client frame is not masked']);
    expect(linesIn(socket.output)).toEqual(['close 1002 client frame is not masked']);
    expect(socket.writableEnded).toBe(true);
  });

  it.each([999, 1005, 5000])('can’t be asked for with the code %d', (code) => {
    const { connection } = connect();
    expect(() => connection.close(code)).toThrow(RangeError);
    expect(connection.state).toBe('open');
  });

  it('makes a paused socket read on, to see the peer’s', async () => {
    const { socket, owner, connection } = connect();
    connection.pause();
    await socket.arrive();
    connection.protocol.fail(new WebSocketError('WS_ERR_INVALID_DATA', 1007, 'why'));
    await socket.arriveEnd();
    await turn();
    expect(owner.log.at(-1)).toBe('closed 1006');
  });
});

describe('a listener that throws', () => {
  it('fails the connection with 1011, and the error goes on', () => {
    const { socket, owner, connection } = connect();
    owner.listener = () => {
      throw new Error('application');
    };
    expect(() => connection.receive(clientFrame(TEXT, 'a'))).toThrow('application');
    expect(linesIn(socket.output)).toEqual(['close 1011']);
  });
});

describe('pausing', () => {
  it('stops reading until resumed', async () => {
    const { socket, owner, connection } = connect();
    connection.pause();
    expect(connection.isPaused).toBe(true);
    await socket.arrive(clientFrame(TEXT, 'a'));
    expect(owner.log).toEqual([]);
    connection.resume();
    expect(connection.isPaused).toBe(false);
    await turn();
    expect(owner.log).toEqual(['text a']);
  });
});

describe('the heartbeat', () => {
  beforeEach(() => {
    jest.useRealTimers();
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
  });

  const heartbeat = { intervalMs: 1000, timeoutMs: 400 };

  it('pings, and gives a silent peer up', async () => {
    const { socket, owner } = connect({ heartbeat });
    await jest.advanceTimersByTimeAsync(1000);
    expect(linesIn(socket.output)).toEqual(['ping']);
    await jest.advanceTimersByTimeAsync(700);
    await turn();
    expect(owner.log).toEqual(['closed 1006']);
  });

  it('goes on as long as bytes come', async () => {
    const { socket, owner } = connect({ heartbeat });
    for (let i = 0; i < 20; i++) {
      socket.bytesRead += 1;
      await jest.advanceTimersByTimeAsync(350);
    }
    expect(owner.log).toEqual([]);
  });

  it('does not ping while closing', () => {
    const { socket, connection } = connect({ heartbeat });
    connection.close(1000);
    connection.ping();
    connection.receive(Buffer.alloc(0));
    expect(linesIn(socket.output)).toEqual(['close 1000']);
  });

  it('is over with the connection', async () => {
    const { connection } = connect({ heartbeat });
    connection.terminate();
    await turn();
    expect(jest.getTimerCount()).toBe(0);
  });
});
