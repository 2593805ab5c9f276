import { describe, expect, it } from '@jest/globals';
import { encodeException, json } from '../../../lib/protocol/codec/index.js';
import { MalformedMessage } from '../../../lib/protocol/envelope/index.js';

describe('JSON from a client', () => {
  it('is parsed', () => {
    expect(json.decode('{"event":"a","data":[1],"id":0}')).toEqual({ event: 'a', data: [1], id: 0 });
  });

  it.each(['', '{', 'null', '1', '"text"', '[]', '{}'])('is malformed as %s', (text) => {
    expect(json.decode(text)).toBeInstanceOf(MalformedMessage);
  });

  it('is text: bytes are not understood', () => {
    expect(json.decode(Buffer.from('{"event":"a"}'))).toMatchObject({
      reason: expect.stringContaining('binary'),
    });
  });

  it('leaves Object.prototype alone, whatever the keys', () => {
    json.decode('{"event":"a","__proto__":{"polluted":true},"data":{"__proto__":{"polluted":true}}}');

    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('may be a hundred thousand nested arrays', () => {
    const text = `{"event":"a","data":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;

    expect(json.decode(text)).toHaveProperty('event', 'a');
  });
});

describe('JSON to a client', () => {
  it('ties a reply to its request', () => {
    expect(json.encode({ event: 'add', id: 0, data: 3 })).toBe('{"event":"add","id":0,"data":3}');
  });

  it('leaves data out of a void reply, and an id out of a push', () => {
    expect(json.encode({ event: 'add', id: 1 })).toBe('{"event":"add","id":1}');
    expect(json.encode({ event: 'news', id: undefined, data: null })).toBe('{"event":"news","data":null}');
  });

  it('marks the items of a stream', () => {
    expect(json.encode({ event: 'watch', id: 'a', data: 1, more: true })).toBe(
      '{"event":"watch","id":"a","data":1,"more":true}',
    );
  });

  it('says what failed', () => {
    const data = { status: 'error', statusCode: 403, code: 'FORBIDDEN', message: 'no' } as const;

    expect(JSON.parse(encodeException(json, 5, data) as string)).toEqual({ event: 'exception', id: 5, data });
  });

  it('carries a publication as it was encoded', () => {
    const quoted = { event: 'said "x"', body: '{"a":1}', channel: 'room "1"', cursor: '1.e.7' };
    expect(json.encodePublication(quoted)).toBe(
      '{"event":"said \\"x\\"","data":{"a":1},"channel":"room \\"1\\"","cursor":"1.e.7"}',
    );

    const plain = { event: 'm', body: '1', channel: 'c', cursor: undefined };
    expect(json.encodePublication(plain)).toBe('{"event":"m","data":1,"channel":"c"}');
  });

  it('cannot be made of what is no JSON', () => {
    expect(() => json.encode({ event: 'a', data: 1n })).toThrow(TypeError);
  });
});
