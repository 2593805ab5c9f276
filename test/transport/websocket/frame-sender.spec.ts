import { beforeEach, describe, expect, it } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { makeFrame, sendFrame, sendText } from '../../../lib/transport/websocket/frame-sender.js';
import { Outbox } from '../../../lib/transport/websocket/outbox.js';
import { randomBytesFrom, seed } from '../../support/seed.js';
import { BINARY, PING, TEXT, frame } from '../../protocol/websocket/frames.js';
import { FakeSocket } from './fake-socket.js';
import { framesIn } from './received-frames.js';

const KIB = 1024;
const LENGTHS = [0, 1, 125, 126, 2040, 2047, 2048, 2049, 16 * KIB, 16 * KIB + 1, 65_535, 65_536, 200_000];

let socket: FakeSocket;
let outbox: Outbox;

beforeEach(() => {
  socket = new FakeSocket();
  outbox = new Outbox(socket.asSocket, { onDrain() {} });
});

describe.each(LENGTHS)('a payload of %d bytes', (length) => {
  const payload = randomBytesFrom(length, length);

  it('is sent by a server as it is', async () => {
    sendFrame(outbox, 'server', BINARY, payload);
    await turn();
    expect(socket.output.equals(frame(BINARY, payload))).toBe(true);
    expect(socket.writes).toHaveLength(1);
  });

  it('is sent by a client masked, and not changed where it lies', async () => {
    const own = Buffer.from(payload);
    sendFrame(outbox, 'client', BINARY, own);
    await turn();
    const [received] = framesIn(socket.output);
    expect(received).toMatchObject({ opcode: BINARY, fin: true, rsv: 0, isMasked: true });
    expect(received!.payload.equals(payload)).toBe(true);
    expect(own.equals(payload)).toBe(true);
  });

  it.each(['server', 'client'] as const)('is sent by a %s whose peer is slow', async (role) => {
    socket.hold();
    sendFrame(outbox, role, TEXT, Buffer.from('first'));
    await turn();
    sendFrame(outbox, role, BINARY, payload);
    await socket.release();
    const [first, second] = framesIn(socket.output);
    expect(first!.payload.toString()).toBe('first');
    expect(second!.payload.equals(payload)).toBe(true);
  });

  it('makes a frame of its own, complete', () => {
    expect(makeFrame('server', BINARY, payload).equals(frame(BINARY, payload))).toBe(true);
    const [masked] = framesIn(makeFrame('client', BINARY, payload));
    expect(masked!.isMasked && masked!.payload.equals(payload)).toBe(true);
  });
});

describe('a large payload of a server', () => {
  it('is sent from where it lies, in one write with its header', async () => {
    const payload = Buffer.alloc(100 * KIB, 'a');
    sendFrame(outbox, 'server', TEXT, payload);
    payload.fill('b');
    await turn();
    expect(framesIn(socket.output)[0]!.payload.equals(payload)).toBe(true);
    expect(socket.writes).toHaveLength(1);
  });

  it('is copied while the peer is slow, so that it waits as one piece', async () => {
    socket.hold();
    sendFrame(outbox, 'server', TEXT, Buffer.from('first'));
    await turn();
    const payload = Buffer.alloc(100 * KIB, 'a');
    sendFrame(outbox, 'server', TEXT, payload);
    payload.fill('b');
    await socket.release();
    expect(framesIn(socket.output)[1]!.payload.toString()).toBe('a'.repeat(100 * KIB));
  });
});

describe('the first byte', () => {
  it('keeps opcode and reserved bits, and gets FIN', async () => {
    sendFrame(outbox, 'server', 0x40 | TEXT, Buffer.from('a'));
    await turn();
    expect(framesIn(socket.output)).toMatchObject([{ opcode: TEXT, rsv: 0x40, fin: true }]);
    expect(makeFrame('server', PING, Buffer.alloc(0))).toEqual(Buffer.of(0x89, 0));
  });
});

describe('a mask key', () => {
  it('is new for every frame', () => {
    const keys = Array.from({ length: 50 }, () => makeFrame('client', TEXT, Buffer.from('a')).readInt32LE(2));
    expect(new Set(keys).size).toBeGreaterThan(45);
  });
});

describe('a text', () => {
  const texts = [
    '',
    'ASCII',
    'ÿ',
    'é€😀',
    'a'.repeat(5000),
    'é'.repeat(5000),
    '€'.repeat(6000),
    'x'.repeat(70_000),
    'é'.repeat(70_000),
    `${'x'.repeat(16 * KIB)}${'€😀'.repeat(5_000)}`,
    `${'😀'.repeat(10_000)}\ud83d`,
    `${'€'.repeat(21_845)}x`,
    '\ud800',
  ];

  it.each(texts.map((text) => [text]))('is sent as UTF-8: %.10j', async (text) => {
    for (const role of ['server', 'client'] as const) sendText(outbox, role, TEXT, text);
    await turn();
    const received = framesIn(socket.output);
    expect(received.map((one) => one.payload.equals(Buffer.from(text)))).toEqual([true, true]);
    expect(received).toMatchObject([
      { opcode: TEXT, isMasked: false },
      { opcode: TEXT, isMasked: true },
    ]);
  });

  it.each(texts.map((text) => [text]))('is one piece while the peer is slow: %.10j', async (text) => {
    socket.hold();
    sendText(outbox, 'server', TEXT, 'first');
    await turn();
    sendText(outbox, 'server', TEXT, text);
    outbox.pushControl(makeFrame('server', PING, Buffer.alloc(0)));
    await socket.release();
    const [first, ping, second] = framesIn(socket.output);
    expect([first!.payload.toString(), ping!.opcode]).toEqual(['first', PING]);
    expect(second!.payload.equals(Buffer.from(text))).toBe(true);
  });
});

describe('frames in a row', () => {
  const message = fc.record({
    role: fc.constant('client' as const),
    content: fc.oneof(fc.string({ unit: 'grapheme' }), fc.uint8Array({ maxLength: 3000 })),
  });

  it(`come out as they were sent, by either role (TEST_SEED=${seed})`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(message), fc.constantFrom('server', 'client'), async (messages, role) => {
        socket = new FakeSocket();
        outbox = new Outbox(socket.asSocket, { onDrain() {} });
        for (const { content } of messages) {
          if (typeof content === 'string') sendText(outbox, role, TEXT, content);
          else sendFrame(outbox, role, BINARY, Buffer.from(content));
        }
        await turn();
        expect(framesIn(socket.output).map(({ payload }) => payload)).toEqual(
          messages.map(({ content }) => Buffer.from(content as string)),
        );
      }),
      { seed },
    );
  });
});
