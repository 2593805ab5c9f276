import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  Deflater,
  type DeflaterOptions,
  Inflater,
  type InflaterOptions,
  stripTail,
  withTail,
} from '../../../../lib/transport/websocket/deflate/sync-zlib.js';

const KIB = 1024;
const SYNC = { finishFlush: constants.Z_SYNC_FLUSH };

const open: { close(): void }[] = [];

function deflater(options: Partial<DeflaterOptions> = {}): Deflater {
  const one = new Deflater({ windowBits: 15, level: 6, memLevel: 8, chunkSize: 4 * KIB, ...options });
  open.push(one);
  return one;
}

function inflater(options: Partial<InflaterOptions> = {}): Inflater {
  const one = new Inflater({ windowBits: 15, chunkSize: 4 * KIB, maxOutputLength: 256 * KIB, ...options });
  open.push(one);
  return one;
}

afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

/** Node's own, as the other side. */
const inflated = (message: Buffer): string => inflateRawSync(withTail(message), SYNC).toString();
const deflated = (content: string | Buffer): Buffer => deflateRawSync(content, SYNC);

const hello = 'hello hello hello hello';

describe('deflating', () => {
  it('gives a message without its tail, RFC 7692 §7.2.1', () => {
    const message = deflater().deflate(Buffer.from(hello));
    expect(message.subarray(-4)).not.toEqual(Buffer.of(0, 0, 0xff, 0xff));
    expect(inflated(message)).toBe(hello);
  });

  it('gives the example of RFC 7692 §7.2.3.1', () => {
    const message = deflater().deflate(Buffer.from('Hello'));
    expect(message.toString('hex')).toBe('f248cdc9c90700');
  });

  it('gives one empty block for an empty message, RFC 7692 §7.2.3.6', () => {
    expect(deflater().deflate(Buffer.alloc(0))).toEqual(Buffer.of(0));
  });

  it('keeps the window from message to message, until reset', () => {
    const one = deflater();
    const [first, second] = [one.deflate(Buffer.from(hello)), one.deflate(Buffer.from(hello))];
    expect(second.length).toBeLessThan(first.length);
    one.reset();
    expect(one.deflate(Buffer.from(hello))).toEqual(first);
  });

  it('gives each message a buffer of its own', () => {
    const one = deflater();
    const first = one.deflate(Buffer.from(hello));
    const before = Buffer.from(first);
    one.deflate(Buffer.from('something else'));
    expect(first).toEqual(before);
  });

  it('puts together what does not fit its output buffer', () => {
    const noise = Buffer.from(Array.from({ length: 20 * KIB }, (_, i) => (i * i * 31) >> 7));
    const message = deflater({ chunkSize: 64 }).deflate(noise);
    expect(inflateRawSync(withTail(message), SYNC).equals(noise)).toBe(true);
  });
});

describe('inflating', () => {
  it('takes messages with their tails back, and keeps the window', () => {
    const sender = deflater();
    const receiver = inflater();
    for (let i = 0; i < 3; i++) {
      const message = sender.deflate(Buffer.from(`${hello} ${i}`));
      expect(receiver.inflate(withTail(message)).toString()).toBe(`${hello} ${i}`);
    }
  });

  it('takes a message in slices', () => {
    const receiver = inflater();
    const input = deflated(hello);
    const parts = [receiver.inflate(input.subarray(0, 5)), receiver.inflate(input.subarray(5))];
    expect(Buffer.concat(parts).toString()).toBe(hello);
  });

  it('goes on behind a final block, RFC 7692 §7.2.3.4', () => {
    const final = deflateRawSync('one, ');
    const input = Buffer.concat([final, deflated('two')]);
    expect(inflater().inflate(input).toString()).toBe('one, two');
  });

  it('gives up at more than 64 final blocks in one message', () => {
    const empty = deflateRawSync('');
    const input = (count: number): Buffer => Buffer.concat(Array<Buffer>(count).fill(empty));
    expect(inflater().inflate(input(64))).toHaveLength(0);
    expect(() => inflater().inflate(input(200))).toThrow('more than 64 final blocks in one message');
  });

  it('throws beyond the limit, and not at it', () => {
    const input = deflated(Buffer.alloc(10 * KIB));
    expect(inflater({ maxOutputLength: 10 * KIB }).inflate(input)).toHaveLength(10 * KIB);
    expect(() => inflater({ maxOutputLength: 10 * KIB - 1 }).inflate(input)).toThrow(
      expect.objectContaining({ code: 'ERR_BUFFER_TOO_LARGE' }),
    );
  });

  it('throws beyond the limit where several streams make it up', () => {
    const final = deflateRawSync(Buffer.alloc(6 * KIB));
    expect(() => inflater({ maxOutputLength: 10 * KIB }).inflate(Buffer.concat([final, final]))).toThrow(
      expect.objectContaining({ code: 'ERR_BUFFER_TOO_LARGE' }),
    );
  });

  it('throws for what is no DEFLATE, and then for everything', () => {
    const receiver = inflater();
    expect(() => receiver.inflate(Buffer.alloc(10, 0xff))).toThrow('invalid block type');
    expect(() => receiver.inflate(deflated(hello))).toThrow('invalid block type');
  });
});

describe('the tail', () => {
  it('is what a sender takes off and a receiver puts back', () => {
    const bytes = Buffer.from('abc');
    expect(stripTail(withTail(bytes))).toEqual(bytes);
    expect(withTail(bytes)).toEqual(Buffer.concat([bytes, Buffer.of(0, 0, 0xff, 0xff)]));
  });
});
