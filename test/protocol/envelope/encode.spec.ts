import { describe, expect, it } from '@jest/globals';
import {
  encodeException,
  encodeItem,
  encodeMessage,
  encodePublication,
} from '../../../lib/protocol/envelope/index.js';

describe('messages to a client', () => {
  it('tie a reply to its request', () => {
    expect(encodeMessage('add', 0, 3)).toBe('{"event":"add","id":0,"data":3}');
  });

  it('leave data out of a void reply, and an id out of a push', () => {
    expect(encodeMessage('add', 1, undefined)).toBe('{"event":"add","id":1}');
    expect(encodeMessage('news', undefined, null)).toBe('{"event":"news","data":null}');
  });

  it('mark the items of a stream, unless nobody could tell which', () => {
    expect(encodeItem('watch', 'a', 1)).toBe('{"event":"watch","id":"a","data":1,"more":true}');
    expect(encodeItem('watch', undefined, 1)).toBe('{"event":"watch","data":1}');
  });

  it('say what failed', () => {
    const data = { status: 'error', statusCode: 403, code: 'FORBIDDEN', message: 'no' } as const;

    expect(JSON.parse(encodeException(5, data))).toEqual({ event: 'exception', id: 5, data });
  });

  it('carry a publication as it was encoded', () => {
    expect(encodePublication('said "x"', '{"a":1}', 'room "1"', '1.e.7')).toBe(
      '{"event":"said \\"x\\"","data":{"a":1},"channel":"room \\"1\\"","cursor":"1.e.7"}',
    );
    expect(encodePublication('m', '1', 'c', undefined)).toBe('{"event":"m","data":1,"channel":"c"}');
  });
});
