import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { Outbox } from '../../../lib/transport/websocket/outbox.js';
import { BINARY, PONG, TEXT, frame } from '../../protocol/websocket/frames.js';
import { FakeSocket } from './fake-socket.js';
import { linesIn } from './received-frames.js';

const KIB = 1024;

let socket: FakeSocket;
let outbox: Outbox;
let drained: jest.Mock<() => void>;

beforeEach(() => {
  socket = new FakeSocket();
  drained = jest.fn();
  outbox = new Outbox(socket.asSocket, { onDrain: drained });
});

afterEach(() => {
  socket.destroy();
});

const text = (content: string): Buffer => frame(TEXT, content);
const pong = (content: string): Buffer => frame(PONG, content);

/** Writes a frame as `sendFrame` does: reserved, then filled in. */
function reserve(bytes: Buffer, into = outbox): void {
  const at = into.reserve(bytes.length);
  bytes.copy(into.room, at);
}

const sent = (): string[] => linesIn(socket.output);
const numbered = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, i) => `text ${from + i}`);

/** Fills the kernel, so that what is queued from now on waits. */
async function block(): Promise<void> {
  socket.hold();
  outbox.push(text('fills the kernel'));
  await turn();
  socket.writes.length = 0;
}

describe('what is sent in one tick', () => {
  it('is not written before the tick ends', () => {
    outbox.push(text('a'));
    expect(socket.writes).toEqual([]);
    expect(outbox.queuedBytes).toBe(3);
  });

  it.each([
    ['shared frames', (i: number) => outbox.push(text(String(i)))],
    ['reserved frames', (i: number) => reserve(text(String(i)))],
    ['both in turn', (i: number) => (i % 2 ? outbox.push(text(String(i))) : reserve(text(String(i))))],
  ])('leaves in one write, in order: %s', async (_what, send) => {
    for (let i = 0; i < 100; i++) send(i);
    await turn();
    expect(socket.writes).toHaveLength(1);
    expect(sent()).toEqual(numbered(100));
  });

  it('leaves in one gathered write when it is too much to join', async () => {
    for (let i = 0; i < 4; i++) outbox.push(frame(BINARY, Buffer.alloc(10 * KIB, i)));
    await turn();
    expect(socket.writes).toHaveLength(1);
    expect(socket.output).toHaveLength(4 * (10 * KIB + 4));
  });

  it('is written in between where it is much', () => {
    outbox.push(Buffer.alloc(64 * KIB - 1));
    outbox.flushIfLarge();
    expect(socket.writes).toHaveLength(0);
    outbox.push(Buffer.alloc(1));
    outbox.flushIfLarge();
    expect(socket.output).toHaveLength(64 * KIB);
  });

  it('does not mix with what another connection sends in turn', async () => {
    const otherSocket = new FakeSocket();
    const other = new Outbox(otherSocket.asSocket, { onDrain() {} });
    for (let i = 0; i < 50; i++) {
      reserve(text(String(i)));
      reserve(text(`other ${i}`), other);
    }
    await turn();
    expect(sent()).toEqual(numbered(50));
    expect(linesIn(otherSocket.output)).toEqual(Array.from({ length: 50 }, (_, i) => `text other ${i}`));
    expect([socket.writes.length, otherSocket.writes.length]).toEqual([1, 1]);
  });

  it('goes on in a new block when one is full', async () => {
    for (let i = 0; i < 60; i++) reserve(frame(BINARY, Buffer.alloc(1000, i)));
    await turn();
    expect(socket.output).toEqual(
      Buffer.concat(Array.from({ length: 60 }, (_, i) => frame(BINARY, Buffer.alloc(1000, i)))),
    );
  });

  it('may be larger than a block', async () => {
    const large = frame(BINARY, Buffer.alloc(100 * KIB, 7));
    reserve(text('before'));
    reserve(large);
    reserve(text('after'));
    await turn();
    expect(socket.output).toEqual(Buffer.concat([text('before'), large, text('after')]));
  });

  it('follows in the next tick when that is when it was sent', async () => {
    outbox.push(text('0'));
    await turn();
    outbox.push(text('1'));
    await turn();
    expect(socket.writes).toHaveLength(2);
    expect(sent()).toEqual(numbered(2));
  });

  it('is not kept once it was written', async () => {
    reserve(text('x'.repeat(16 * KIB)));
    expect(outbox.room.length).toBeGreaterThan(16 * KIB);
    await turn();
    expect(outbox.room).toHaveLength(0);
  });

  it('is nothing when nothing was sent', () => {
    outbox.flush();
    expect(socket.writes).toEqual([]);
  });
});

describe('a batch', () => {
  it('leaves when it ends, without waiting for the end of the tick', () => {
    outbox.beginBatch();
    outbox.push(text('0'));
    reserve(text('1'));
    expect(socket.writes).toHaveLength(0);
    outbox.endBatch();
    expect(socket.writes).toHaveLength(1);
    expect(sent()).toEqual(numbered(2));
  });

  it('takes along what was sent before it in the same tick', async () => {
    outbox.push(text('0'));
    outbox.beginBatch();
    outbox.push(text('1'));
    outbox.endBatch();
    expect(socket.writes).toHaveLength(1);
    outbox.push(text('2'));
    await turn();
    expect(sent()).toEqual(numbered(3));
  });

  it('of nothing writes nothing', () => {
    outbox.beginBatch();
    outbox.endBatch();
    expect(socket.writes).toEqual([]);
  });
});

describe('a slow peer', () => {
  it('makes frames wait here, where they count, and follow in one write', async () => {
    await block();
    expect(outbox.isBlocked).toBe(true);
    const inKernel = outbox.queuedBytes;
    for (let i = 0; i < 20; i++) reserve(text(String(i)));
    await turn();
    expect(socket.writes).toHaveLength(0);
    expect(outbox.queuedBytes).toBe(inKernel + 10 * 3 + 10 * 4);
    await socket.release();
    expect(socket.writes).toHaveLength(1);
    expect(sent()).toEqual(numbered(20));
    expect(outbox.isBlocked).toBe(false);
    expect(outbox.queuedBytes).toBe(0);
  });

  it('is told drained once, when nothing is left', async () => {
    await block();
    for (let i = 0; i < 3; i++) outbox.push(Buffer.alloc(60 * KIB));
    await socket.release({ again: true });
    expect(drained).not.toHaveBeenCalled();
    await socket.release();
    await turn();
    expect(drained).toHaveBeenCalledTimes(1);
    expect(outbox.queuedBytes).toBe(0);
  });

  it('that keeps up is never told drained', async () => {
    for (let i = 0; i < 10; i++) outbox.push(Buffer.alloc(50 * KIB));
    await turn();
    expect(drained).not.toHaveBeenCalled();
  });

  it('gets frames in portions, each ending with a frame', async () => {
    await block();
    const frames = Array.from({ length: 12 }, (_, i) => frame(BINARY, Buffer.alloc(5000, i)));
    for (const one of frames) outbox.push(one);
    await socket.release({ again: true });
    expect(socket.output.length).toBeGreaterThanOrEqual(16 * KIB);
    expect(socket.output.length).toBeLessThan(16 * KIB + 5004);
    expect(socket.output.length % 5004).toBe(0);
    await socket.release();
    await turn();
    expect(socket.output).toEqual(Buffer.concat(frames));
  });

  it('keeps no block of the slab alive but the one in the kernel', async () => {
    await block();
    reserve(text('waits'));
    expect(outbox.room.length).toBe(text('waits').length);
  });
});

describe('a control frame', () => {
  it('overtakes messages of the same tick', async () => {
    outbox.push(text('0'));
    reserve(text('1'));
    outbox.pushControl(pong('first'));
    outbox.pushControl(pong('second'));
    await turn();
    expect(socket.writes).toHaveLength(1);
    expect(sent()).toEqual(['pong first', 'pong second', ...numbered(2)]);
  });

  it('overtakes messages that wait for a slow peer', async () => {
    await block();
    for (let i = 0; i < 3; i++) outbox.push(text(String(i)));
    outbox.pushControl(pong('p'));
    expect(outbox.queuedBytes).toBe(18 + 9 + 3);
    await socket.release();
    expect(sent()).toEqual(['pong p', ...numbered(3)]);
  });

  it('gets in between the portions of a slow peer', async () => {
    await block();
    for (let i = 0; i < 4; i++) outbox.push(frame(BINARY, Buffer.alloc(10 * KIB)));
    await socket.release({ again: true });
    outbox.pushControl(pong('p'));
    await socket.release();
    await turn();
    const order = linesIn(socket.output).map((line) => line.split(' ')[0]);
    expect(order).toEqual(['binary', 'binary', 'pong', 'binary', 'binary']);
  });

  it('does not come between a header and its payload', async () => {
    const payload = Buffer.alloc(70 * KIB, 'x');
    const [header, rest] = [frame(BINARY, payload).subarray(0, 10), payload];
    // Two small messages: one fills a portion up to the very header
    outbox.push(frame(BINARY, Buffer.alloc(64 * KIB - 20)));
    outbox.pushInTwo(header, rest);
    socket.hold();
    await turn();
    outbox.pushControl(pong('p'));
    await socket.release();
    await turn();
    const order = linesIn(socket.output).map((line) => line.split(' ')[0]);
    expect(order).toEqual(['binary', 'binary', 'pong']);
  });

  it('sent alone leaves at the end of the tick', async () => {
    outbox.pushControl(pong('p'));
    expect(outbox.queuedBytes).toBe(3);
    await turn();
    expect(sent()).toEqual(['pong p']);
  });
});

describe('progress', () => {
  it('is none while nothing waits', async () => {
    outbox.push(text('a'));
    await turn();
    expect(outbox.progress).toBe(0);
  });

  it('grows while a slow peer takes portions', async () => {
    await block();
    const before = outbox.progress;
    for (let i = 0; i < 4; i++) outbox.push(Buffer.alloc(10 * KIB));
    expect(outbox.progress).toBe(before);
    await socket.release({ again: true });
    expect(outbox.progress).toBeGreaterThan(before);
  });
});

describe('unsent pongs', () => {
  it('are none once the kernel took them', async () => {
    outbox.unsentPongs = 3;
    outbox.pushControl(pong('p'));
    await turn();
    expect(outbox.unsentPongs).toBe(0);
  });

  it('remain while the kernel is full', async () => {
    await block();
    outbox.unsentPongs = 3;
    outbox.pushControl(pong('p'));
    await turn();
    expect(outbox.unsentPongs).toBe(3);
    await socket.release();
    expect(outbox.unsentPongs).toBe(0);
  });
});

describe('a callback', () => {
  it('comes when the kernel took everything up to its place, not before', async () => {
    const order: string[] = [];
    const note = (name: string) => () => void order.push(name);
    await block();
    outbox.push(Buffer.alloc(70 * KIB));
    outbox.whenSent(note('large'));
    outbox.push(text('x'));
    outbox.whenSent(note('small'));
    await turn();
    expect(order).toEqual([]);
    await socket.release({ again: true });
    expect(order).toEqual([]);
    await socket.release({ again: true });
    expect(order).toEqual(['large']);
    await socket.release();
    expect(order).toEqual(['large', 'small']);
  });

  it('comes without an error, once', async () => {
    const callback = jest.fn();
    outbox.push(text('a'));
    outbox.whenSent(callback);
    await turn();
    outbox.push(text('b'));
    await turn();
    expect(callback.mock.calls).toEqual([[]]);
  });

  it('comes with an error when the socket is gone first', async () => {
    const callback = jest.fn<(error?: Error) => void>();
    await block();
    outbox.push(text('a'));
    outbox.whenSent(callback);
    outbox.destroy();
    await turn();
    expect(callback.mock.calls[0]![0]).toMatchObject({
      message: 'the connection was closed before the message was sent',
    });
    expect(outbox.queuedBytes).toBe(socket.writableLength);
  });
});

describe('dropping what waits', () => {
  it('forgets messages, keeps control frames and what comes afterwards', async () => {
    const callback = jest.fn<(error?: Error) => void>();
    await block();
    outbox.push(text('dropped'));
    outbox.whenSent(callback);
    outbox.pushControl(pong('kept'));
    outbox.dropBlocked();
    outbox.push(text('later'));
    await socket.release();
    expect(sent()).toEqual(['pong kept', 'text later']);
    expect(outbox.queuedBytes).toBe(0);
    expect(callback.mock.calls[0]![0]).toMatchObject({
      message: 'the message was dropped: the peer reads too slowly',
    });
  });

  it('forgets messages where there is neither control frame nor callback', async () => {
    await block();
    outbox.push(text('dropped'));
    outbox.dropBlocked();
    expect(outbox.queuedBytes).toBe(socket.writableLength);
    await socket.release();
    expect(sent()).toEqual([]);
  });

  it('forgets nothing of a peer that keeps up', async () => {
    outbox.push(text('kept'));
    outbox.dropBlocked();
    await turn();
    expect(sent()).toEqual(['text kept']);
  });

  it('tells nothing yet of messages that the socket already has: they may still be sent', async () => {
    const [written, waiting] = [jest.fn(), jest.fn<(error?: Error) => void>()];
    socket.hold();
    outbox.push(text('in the kernel’s hands'));
    outbox.whenSent(written);
    await turn();
    outbox.push(text('dropped'));
    outbox.whenSent(waiting);
    outbox.pushControl(pong('kept'));
    outbox.dropBlocked();
    await turn();
    expect(written).not.toHaveBeenCalled();
    expect(waiting.mock.calls[0]![0]).toBeInstanceOf(Error);
    await socket.release();
    expect(written.mock.calls).toEqual([[]]);
  });

  it('lets later callbacks come at their own place', async () => {
    const callback = jest.fn();
    await block();
    outbox.push(Buffer.alloc(KIB));
    outbox.dropBlocked();
    outbox.push(text('later'));
    outbox.whenSent(callback);
    await turn();
    expect(callback).not.toHaveBeenCalled();
    await socket.release();
    expect(callback.mock.calls).toEqual([[]]);
  });
});

describe('the end of output', () => {
  it('comes behind all that was queued', async () => {
    outbox.push(text('0'));
    outbox.end();
    await turn();
    expect(sent()).toEqual(numbered(1));
    expect(socket.writableFinished).toBe(true);
  });

  it('waits for a slow peer', async () => {
    await block();
    outbox.push(text('0'));
    outbox.end();
    await turn();
    expect(socket.writableEnded).toBe(false);
    await socket.release();
    expect(sent()).toEqual(numbered(1));
    expect(socket.writableFinished).toBe(true);
  });

  it('lets no control frame follow', async () => {
    outbox.end();
    outbox.pushControl(pong('late'));
    await turn();
    expect(sent()).toEqual([]);
  });

  it('twice is like once', async () => {
    outbox.end();
    await turn();
    outbox.end();
    await turn();
    expect(socket.errored).toBeNull();
  });
});

describe('a socket that is gone', () => {
  it('gets nothing more', async () => {
    outbox.push(text('a'));
    socket.destroy();
    await turn();
    expect(socket.writes).toEqual([]);
  });

  it('in the middle of a write leaves the outbox blocked until it is destroyed', async () => {
    socket.on('error', () => {});
    await block();
    outbox.push(text('never'));
    await socket.breakPipe();
    expect(outbox.isBlocked).toBe(true);
    expect(drained).not.toHaveBeenCalled();
    outbox.destroy();
    expect(outbox.queuedBytes).toBe(socket.writableLength);
    expect(socket.writes).toEqual([]);
  });
});
