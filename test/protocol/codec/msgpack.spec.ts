import { describe, expect, it } from '@jest/globals';
import * as MessagePack from '@msgpack/msgpack';
import { encodeException, msgpack } from '../../../lib/protocol/codec/index.js';
import { MalformedMessage } from '../../../lib/protocol/envelope/index.js';

const codec = msgpack(MessagePack);
const decode = (message: unknown): unknown => codec.decode(MessagePack.encode(message));
const sent = (bytes: unknown): unknown => MessagePack.decode(bytes as Uint8Array);

describe('MessagePack from a client', () => {
  it.each<[string, unknown]>([
    ['a nested value', { a: [1, -1, 1.5, 'ü', null, true, { b: {} }, []] }],
    ['large numbers', [2 ** 53 - 1, -(2 ** 40), 65_536, -129]],
    ['long text', 'x'.repeat(70_000)],
    ['a long array', Array.from({ length: 70_000 }, (_, i) => i)],
    ['a point in time', new Date(1_700_000_000_123)],
  ])('is decoded: %s', (_, data) => {
    expect(decode({ event: 'a', id: 0, data })).toEqual({ event: 'a', id: 0, data });
  });

  it('may have bytes in it', () => {
    const { data } = decode({ event: 'a', data: { image: new Uint8Array([1, 2, 3]) } }) as {
      data: { image: Uint8Array };
    };

    expect([...data.image]).toEqual([1, 2, 3]);
  });

  it('is binary: text is not understood', () => {
    expect(codec.decode('{"event":"a"}')).toMatchObject({ reason: expect.stringContaining('text') });
  });

  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['a type byte that is none', Uint8Array.of(0xc1)],
    ['a map that breaks off', MessagePack.encode({ event: 'a', data: 'text' }).subarray(0, -1)],
    ['something behind its end', Uint8Array.of(...MessagePack.encode({ event: 'a' }), 0)],
    ['a map as a key', Uint8Array.of(0x81, 0x80, 0x00)],
    ['a point in time of a size that is none', Uint8Array.of(0xd4, 0xff, 0)],
    ['no map', MessagePack.encode('event')],
    ['no event', MessagePack.encode({ data: 1 })],
  ])('is malformed as %s', (_, bytes) => {
    expect(codec.decode(bytes)).toBeInstanceOf(MalformedMessage);
  });

  it('cannot touch a prototype: the key is refused', () => {
    const bytes = MessagePack.encode({
      event: 'a',
      data: JSON.parse('{"__proto__":{"polluted":1}}') as object,
    });

    expect(codec.decode(bytes)).toBeInstanceOf(MalformedMessage);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('may have extensions, which mean nothing', () => {
    const data = new MessagePack.ExtData(42, new Uint8Array([1]));

    expect(decode({ event: 'a', data })).toEqual({ event: 'a', data });
  });

  it('is decoded alike after one that was malformed', () => {
    codec.decode(MessagePack.encode({ event: 'a', data: [1, 2] }).subarray(0, -1));

    expect(decode({ event: 'b', data: [3] })).toEqual({ event: 'b', data: [3] });
  });
});

describe('MessagePack to a client', () => {
  it('is the same envelope, with nothing for what is undefined', () => {
    expect(sent(codec.encode({ event: 'add', id: 0, data: 3 }))).toEqual({ event: 'add', id: 0, data: 3 });
    expect(sent(codec.encode({ event: 'add', id: 'x', data: undefined }))).toEqual({ event: 'add', id: 'x' });
    expect(sent(codec.encode({ event: 'watch', id: 1, data: { a: undefined }, more: true }))).toEqual({
      event: 'watch',
      id: 1,
      data: {},
      more: true,
    });
  });

  it('has bytes as they are', () => {
    const { data } = sent(codec.encode({ event: 'image', data: Buffer.from([9, 8]) })) as {
      data: Uint8Array;
    };

    expect([...data]).toEqual([9, 8]);
  });

  it('says what failed', () => {
    const data = { status: 'error', statusCode: 403, code: 'FORBIDDEN', message: 'no' } as const;

    expect(sent(encodeException(codec, 5, data))).toEqual({ event: 'exception', id: 5, data });
  });

  it('carries the data of a publication', () => {
    const publication = { event: 'said', channel: 'lobby', cursor: undefined, body: '{"a":[1]}' };

    expect(sent(codec.encodePublication(publication))).toEqual({
      event: 'said',
      channel: 'lobby',
      data: { a: [1] },
    });
  });

  it('is its own: what comes after does not write over it', () => {
    const first = codec.encode({ event: 'a', data: 'first' });
    codec.encode({ event: 'a', data: 'other' });

    expect(sent(first)).toMatchObject({ data: 'first' });
  });

  it('is as small as its message, also after a large one', () => {
    codec.encode({ event: 'a', data: 'x'.repeat(1_000_000) });
    const { buffer } = codec.encode({ event: 'a' }) as Uint8Array;

    expect(buffer.byteLength).toBeLessThan(20);
  });

  it('cannot be made of cycles, functions and BigInts', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    for (const data of [cycle, () => undefined, 1n]) {
      expect(() => codec.encode({ event: 'a', data })).toThrow();
    }
    expect(sent(codec.encode({ event: 'a' }))).toEqual({ event: 'a' });
  });
});
