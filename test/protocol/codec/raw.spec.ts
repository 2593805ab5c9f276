import { describe, expect, it } from '@jest/globals';
import { encodeException, raw } from '../../../lib/protocol/codec/index.js';

describe('a raw message', () => {
  it('that comes is the data of an event "message", text or bytes', () => {
    const bytes = Buffer.from([1, 2]);

    expect(raw.decode('hello {')).toEqual({ event: 'message', data: 'hello {' });
    expect(raw.decode('')).toEqual({ event: 'message', data: '' });
    expect(raw.decode(bytes)).toEqual({ event: 'message', data: bytes });
  });

  it('that goes is the data alone, text or bytes', () => {
    const bytes = new Uint8Array([1, 2]);

    expect(raw.encode({ event: 'whatever', data: 'hello' })).toBe('hello');
    expect(raw.encode({ event: 'whatever', data: bytes })).toBe(bytes);
  });

  it.each([[{}], [1], [null], [undefined], [[1]], [new ArrayBuffer(1)]])('cannot be %p', (data) => {
    expect(() => raw.encode({ event: 'news', data })).toThrow(/"news": .* string or bytes/);
  });

  it('has no way to tell an exception', () => {
    const data = { status: 'error', statusCode: 500, code: 'X', message: 'x' } as const;

    expect(encodeException(raw, undefined, data)).toBeUndefined();
  });

  it('of a publication is its string, or its JSON', () => {
    const publication = { event: 'said', channel: 'lobby', cursor: '1.e.1' };

    expect(raw.encodePublication({ ...publication, body: '"hello"' })).toBe('hello');
    expect(raw.encodePublication({ ...publication, body: '{"a":1}' })).toBe('{"a":1}');
  });
});
