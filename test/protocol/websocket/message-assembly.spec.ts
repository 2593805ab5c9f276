import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MessageAssembly } from '../../../lib/protocol/websocket/message-assembly.js';
import { randomBytesFrom, seed } from '../../support/seed.js';
import { BINARY, KEY, TEXT, masked } from './frames.js';

const KIB = 1024;
const RSV1 = 0x40;
const KEY_NUMBER = Buffer.from(KEY).readInt32LE();
const NO_LIMIT = Infinity;

/** Takes one frame, cut into pieces of `size`, as `FrameReader` hands it over. */
function takeFrame(
  message: MessageAssembly,
  payload: Buffer,
  { size = payload.length, last = true, key = 0, maxChunks = NO_LIMIT, maxFragments = NO_LIMIT } = {},
): void {
  message.beginFragment(maxFragments);
  for (let at = 0; at < payload.length; at += size) {
    const count = Math.min(size, payload.length - at);
    message.append(payload, at, count, key, at, payload.length - at, last, maxChunks);
  }
}

describe('a message put together', () => {
  const payload = randomBytesFrom(seed, 3000);

  it.each([1, 2, 3, 7, 500, 3000])(`equals what came in pieces of %d bytes (TEST_SEED=${seed})`, (size) => {
    const message = new MessageAssembly(BINARY, 0);
    takeFrame(message, payload, { size });
    expect(message.finish()).toEqual(payload);
  });

  it.each([1, 2, 3, 7, 500, 3000])('is unmasked at whatever phase a piece of %d bytes begins', (size) => {
    const message = new MessageAssembly(BINARY, 0);
    takeFrame(message, masked(payload, KEY), { size, key: KEY_NUMBER });
    expect(message.finish()).toEqual(payload);
  });

  it('begins each frame with its own key at its own octet 0', () => {
    const message = new MessageAssembly(BINARY, 0);
    takeFrame(message, masked(payload.subarray(0, 5), KEY), { key: KEY_NUMBER, last: false });
    takeFrame(message, Buffer.alloc(0), { last: false });
    takeFrame(message, payload.subarray(5, 9), { last: false });
    takeFrame(message, masked(payload.subarray(9), KEY), { key: KEY_NUMBER, size: 3 });
    expect(message.finish()).toEqual(payload);
    expect(message.fragments).toBe(4);
    expect(message.length).toBe(3000);
  });

  it('remembers what its first frame said', () => {
    expect(new MessageAssembly(TEXT, RSV1)).toMatchObject({
      opcode: TEXT,
      rsv: RSV1,
      length: 0,
      fragments: 0,
    });
  });

  it('is empty when all its frames were', () => {
    const message = new MessageAssembly(TEXT, 0);
    takeFrame(message, Buffer.alloc(0), { last: false });
    takeFrame(message, Buffer.alloc(0));
    expect(message.finish()).toHaveLength(0);
  });

  it('keeps nothing of the chunks it was given', () => {
    const chunk = Buffer.from(payload);
    const message = new MessageAssembly(BINARY, 0);
    takeFrame(message, chunk);
    chunk.fill(0);
    expect(message.finish()).toEqual(payload);
  });
});

describe('the number of parts', () => {
  it('of a message may reach the limit on fragments, empty ones included', () => {
    const message = new MessageAssembly(TEXT, 0);
    for (let i = 0; i < 3; i++) message.beginFragment(3);
    expect(() => message.beginFragment(3)).toThrow(
      expect.objectContaining({
        code: 'WS_ERR_TOO_MANY_BUFFERED_PARTS',
        closeCode: 1009,
        message: 'message of 4 fragments exceeds the limit of 3',
      }),
    );
  });

  it('of a message may reach the limit on chunks, over all its fragments', () => {
    const message = new MessageAssembly(BINARY, 0);
    takeFrame(message, Buffer.alloc(2), { size: 1, maxChunks: 3, last: false });
    takeFrame(message, Buffer.alloc(1), { size: 1, maxChunks: 3, last: false });
    expect(() => takeFrame(message, Buffer.alloc(1), { maxChunks: 3 })).toThrow(
      expect.objectContaining({
        code: 'WS_ERR_TOO_MANY_BUFFERED_PARTS',
        closeCode: 1009,
        message: 'message in more than 3 chunks exceeds the limit',
      }),
    );
  });
});

describe('text in parts (RFC 6455 §8.1)', () => {
  const utf8Error = expect.objectContaining({ code: 'WS_ERR_INVALID_UTF8', closeCode: 1007 });

  it('may be cut inside a code point, by chunks and by frames', () => {
    const text = Buffer.from('é😀€');
    for (let cut = 0; cut <= text.length; cut++) {
      const message = new MessageAssembly(TEXT, 0);
      takeFrame(message, text.subarray(0, cut), { size: 1, last: false });
      takeFrame(message, text.subarray(cut), { size: 2 });
      expect(message.finish().toString()).toBe('é😀€');
    }
  });

  it('fails at the octet that can’t be mended, long before its end', () => {
    const message = new MessageAssembly(TEXT, 0);
    takeFrame(message, Buffer.of(0x61, 0xed), { last: false });
    expect(() => takeFrame(message, Buffer.of(0xa0), { last: false })).toThrow(utf8Error);
  });

  it('fails at its end inside a code point, not earlier', () => {
    const message = new MessageAssembly(TEXT, 0);
    takeFrame(message, Buffer.of(0x61, 0xe2, 0x82));
    expect(() => message.finish()).toThrow(utf8Error);
  });

  it.each([
    ['binary', BINARY, 0],
    ['text that an extension has transformed', TEXT, RSV1],
  ])('is not looked for in %s', (_what, opcode, rsv) => {
    const message = new MessageAssembly(opcode, rsv);
    takeFrame(message, Buffer.of(0xff, 0xe2));
    expect(message.finish()).toEqual(Buffer.of(0xff, 0xe2));
  });
});

describe('memory for a message', () => {
  let allocate: jest.SpiedFunction<typeof Buffer.allocUnsafe>;

  beforeEach(() => {
    allocate = jest.spyOn(Buffer, 'allocUnsafe');
  });

  afterEach(() => {
    allocate.mockRestore();
  });

  const sizes = (): number[] => allocate.mock.calls.map(([size]) => size);

  /** Appends one chunk and returns what was allocated for it, if anything was. */
  function allocatedFor(message: MessageAssembly, count: number, remaining: number, last: boolean): number {
    allocate.mockClear();
    message.append(Buffer.alloc(count), 0, count, 0, 0, remaining, last, NO_LIMIT);
    return Math.max(0, ...sizes());
  }

  it('starts with what was declared, where that is little', () => {
    expect(allocatedFor(new MessageAssembly(BINARY, 0), 1, 1000, true)).toBe(1000);
  });

  it('starts with 64 KiB, however much was declared', () => {
    expect(allocatedFor(new MessageAssembly(BINARY, 0), 1, 2 ** 40, true)).toBe(64 * KIB);
  });

  it('leaves room for as much again when more frames follow', () => {
    expect(allocatedFor(new MessageAssembly(BINARY, 0), 1000, 1000, false)).toBe(2000);
  });

  it.each([
    [77, 70 * KIB, true],
    [999, 300 * KIB, true],
    [64 * KIB, 900 * KIB, true],
    [999, 2 ** 50, false],
    [64 * KIB, 2 ** 50, false],
  ])('never exceeds 64 KiB or 4 x what came, in chunks of %d of %d bytes', (count, declared, last) => {
    const message = new MessageAssembly(BINARY, 0);
    for (let received = 0; received < Math.min(declared, 900 * KIB); received += count) {
      const allocated = allocatedFor(message, count, declared - received, last);
      expect(allocated).toBeLessThanOrEqual(Math.max(64 * KIB, 4 * (received + count)));
    }
  });

  it('never exceeds that in fragments of any size either', () => {
    for (const size of [1, 100, 5000, 70_000]) {
      const message = new MessageAssembly(BINARY, 0);
      for (let received = 0; received < 1000 * size && received < 900 * KIB; received += size) {
        const allocated = allocatedFor(message, size, size, false);
        expect(allocated).toBeLessThanOrEqual(Math.max(64 * KIB, 4 * (received + size)));
      }
    }
  });

  it('is no larger at the end than declared', () => {
    const message = new MessageAssembly(BINARY, 0);
    takeFrame(message, Buffer.alloc(100 * KIB), { size: 30 * KIB });
    expect(Math.max(...sizes())).toBe(100 * KIB);
    expect(message.finish().buffer.byteLength).toBe(100 * KIB);
  });

  it('is copied a few times only, however small the parts', () => {
    const message = new MessageAssembly(BINARY, 0);
    const parts = 20_000;
    for (let i = 0; i < parts; i++) takeFrame(message, Buffer.alloc(10), { last: false });
    expect(sizes().length).toBeLessThan(25);
  });
});
