import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  FIN,
  MAX_HEADER_BYTES,
  headerBytesFor,
  headerSize,
  payloadLength,
  readMaskKey,
  writeHeader,
} from '../../../lib/protocol/websocket/frame-header.js';
import { seed } from '../../support/seed.js';
import { BINARY, KEY, TEXT, frame, headerDeclaring } from './frames.js';

const KEY_NUMBER = Buffer.from(KEY).readInt32LE();
const LENGTHS = [0, 1, 124, 125, 126, 127, 255, 256, 65_534, 65_535, 65_536, 65_537, 0xffffffff];
LENGTHS.push(0x100000000, 0x100000001, Number.MAX_SAFE_INTEGER);

function write(firstByte: number, length: number, key?: number): Buffer {
  const target = Buffer.alloc(MAX_HEADER_BYTES + 6, 0x5a);
  const end = writeHeader(target, 3, firstByte, length, key);
  expect(target.subarray(0, 3).toString('latin1')).toBe('ZZZ');
  expect(target.subarray(end).every((octet) => octet === 0x5a)).toBe(true);
  return target.subarray(3, end);
}

describe.each(LENGTHS)('the header of a frame of %d bytes', (length) => {
  it.each([undefined, KEY_NUMBER, -1])('is read as it was written, mask key %s', (key) => {
    const header = write(FIN | TEXT, length, key);
    expect(header[0]).toBe(0x81);
    expect(headerSize(header[1]!)).toBe(header.length);
    expect(headerBytesFor(length, key !== undefined)).toBe(header.length);
    expect(payloadLength(header, 0)).toBe(length);
    if (key !== undefined) expect(readMaskKey(header, header.length)).toBe(key);
  });

  it('is read wherever it stands', () => {
    const moved = Buffer.concat([Buffer.alloc(5, 0xff), write(FIN | TEXT, length)]);
    expect(payloadLength(moved, 5)).toBe(length);
  });
});

describe('writing a header', () => {
  it.each([0, 125, 126, 65_535, 65_536])('equals RFC 6455 §5.2, payload of %d bytes', (length) => {
    const payload = Buffer.alloc(length);
    for (const key of [undefined, KEY]) {
      const expected = frame(BINARY, payload, { fin: false, rsv: 0x40, ...(key && { key }) });
      const written = write(0x40 | BINARY, length, key && KEY_NUMBER);
      expect(written).toEqual(expected.subarray(0, expected.length - length));
    }
  });

  it('takes at most as many bytes as promised', () => {
    expect(headerBytesFor(Number.MAX_SAFE_INTEGER, true)).toBe(MAX_HEADER_BYTES);
  });

  it.each([
    [0, 2],
    [125, 2],
    [126, 4],
    [65_535, 4],
    [65_536, 10],
  ])('of %d bytes of payload takes %d bytes, four more when masked', (length, bytes) => {
    expect(headerBytesFor(length, false)).toBe(bytes);
    expect(headerBytesFor(length, true)).toBe(bytes + 4);
  });
});

describe('reading the size of a header', () => {
  it('takes the second byte only', () => {
    const sizes = Array.from({ length: 256 }, (_, second) => headerSize(second));
    const expected = [...Array<number>(126).fill(2), 4, 10];
    expect(sizes).toEqual([...expected, ...expected.map((size) => size + 4)]);
  });
});

describe('reading a length', () => {
  it.each([0, 1, 125])('tells that %d in 16 bits is too wide', (length) => {
    expect(payloadLength(frame(TEXT, Buffer.alloc(length), { lengthBits: 16 }), 0)).toBe(-1);
  });

  it.each([0n, 125n, 126n, 65_535n])('tells that %d in 64 bits is too wide', (length) => {
    expect(payloadLength(headerDeclaring(TEXT, length), 0)).toBe(-1);
  });

  it.each([65_536n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n - 1n])('reads %d in 64 bits exactly', (length) => {
    expect(payloadLength(headerDeclaring(TEXT, length), 0)).toBe(Number(length));
  });

  it.each([2n ** 53n, 2n ** 63n - 1n])('takes %d for infinite', (length) => {
    expect(payloadLength(headerDeclaring(TEXT, length), 0)).toBe(Infinity);
  });

  it.each([2n ** 63n, 2n ** 64n - 1n])(
    'knows no number for %d: its most significant bit is set',
    (length) => {
      expect(payloadLength(headerDeclaring(TEXT, length), 0)).toBeNaN();
    },
  );

  it('ignores the mask bit', () => {
    for (const length of [5, 300, 70_000]) {
      expect(payloadLength(frame(TEXT, Buffer.alloc(length), { key: KEY }), 0)).toBe(length);
    }
  });
});

describe('any header', () => {
  it(`is read as it was written (TEST_SEED=${seed})`, () => {
    const key = fc.option(fc.integer(), { nil: undefined });
    fc.assert(
      fc.property(fc.nat(255), fc.maxSafeNat(), key, (first, length, k) => {
        const header = write(first, length, k);
        expect(header[0]).toBe(first);
        expect(payloadLength(header, 0)).toBe(length);
        if (k !== undefined) expect(readMaskKey(header, header.length)).toBe(k);
      }),
      { seed },
    );
  });
});
