import { describe, expect, it } from '@jest/globals';
import {
  EMPTY,
  type SendData,
  asBuffer,
  inBinaryType,
  toPayload,
} from '../../../lib/transport/websocket/payload.js';

const BYTES = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

describe('data to send', () => {
  it('stays a string where it is one, for it is encoded into its frame', () => {
    expect(toPayload('text')).toBe('text');
  });

  it('stays the Buffer that it is', () => {
    const buffer = Buffer.from('abc');
    expect(toPayload(buffer)).toBe(buffer);
  });

  it.each([
    [0, '0'],
    [-1.5, '-1.5'],
    [NaN, 'NaN'],
  ])('is text for the number %d', (data, text) => {
    expect(toPayload(data)).toBe(text);
  });

  it.each<[string, SendData, number[]]>([
    ['a Uint8Array', BYTES, [1, 2, 3, 4, 5, 6, 7, 8]],
    ['part of a Uint8Array', BYTES.subarray(2, 5), [3, 4, 5]],
    ['a DataView', new DataView(BYTES.buffer, 1, 2), [2, 3]],
    ['a Uint16Array', new Uint16Array(BYTES.buffer, 2, 1), [3, 4]],
    ['an ArrayBuffer', BYTES.buffer, [1, 2, 3, 4, 5, 6, 7, 8]],
    ['a list of Buffers', [Buffer.of(1, 2), Buffer.alloc(0), Buffer.of(3)], [1, 2, 3]],
    ['an empty list', [], []],
  ])('is the bytes of %s', (_what, data, bytes) => {
    expect(toPayload(data)).toEqual(Buffer.from(bytes));
  });

  it('is the bytes of a SharedArrayBuffer', () => {
    const shared = new SharedArrayBuffer(3);
    new Uint8Array(shared).set([7, 8, 9]);
    expect(toPayload(shared)).toEqual(Buffer.of(7, 8, 9));
  });

  it('is not copied from a view', () => {
    const view = Uint8Array.of(1, 2, 3);
    const payload = toPayload(view) as Buffer;
    view[0] = 9;
    expect(payload[0]).toBe(9);
  });

  it.each([undefined, null, {}, true, Symbol('s'), () => {}, 1n])('must not be %p', (data) => {
    expect(() => toPayload(data as SendData)).toThrow(TypeError);
    expect(() => toPayload(data as SendData)).toThrow(/^a message is a string, a number, a Buffer/);
  });
});

describe('data as a Buffer', () => {
  it('is empty where there is none', () => {
    expect(asBuffer(undefined)).toBe(EMPTY);
    expect(EMPTY).toHaveLength(0);
  });

  it('is UTF-8 for a string', () => {
    expect(asBuffer('é')).toEqual(Buffer.of(0xc3, 0xa9));
    expect(asBuffer(12)).toEqual(Buffer.from('12'));
  });

  it('is the bytes of anything else', () => {
    expect(asBuffer(BYTES.subarray(0, 2))).toEqual(Buffer.of(1, 2));
  });
});

describe('a binary message', () => {
  const payload = Buffer.from('xxbytesxx').subarray(2, 7);

  it('comes as a Buffer', () => {
    expect(inBinaryType(payload, 'nodebuffer')).toBe(payload);
  });

  it('comes as a list of one Buffer', () => {
    expect(inBinaryType(payload, 'fragments')).toEqual([payload]);
  });

  it('comes as an ArrayBuffer of its own, of just its bytes', () => {
    const buffer = inBinaryType(payload, 'arraybuffer') as ArrayBuffer;
    expect(Buffer.from(buffer).toString()).toBe('bytes');
    expect(buffer).not.toBe(payload.buffer);
    expect(buffer.byteLength).toBe(5);
  });
});
