import { constants, inflateRawSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { deflateAfresh, inflateAfresh } from '../../../../lib/transport/websocket/deflate/shared-contexts.js';
import { withTail } from '../../../../lib/transport/websocket/deflate/sync-zlib.js';

const OUT = { windowBits: 15, level: 6, memLevel: 8 };
const IN = { windowBits: 15, maxOutputLength: 1024 };
const message = Buffer.from('the same message, again and again and again');

const inflated = (payload: Buffer): Buffer =>
  inflateRawSync(withTail(payload), { finishFlush: constants.Z_SYNC_FLUSH });

describe('compressing with a context that others use too', () => {
  it('gives the same bytes for the same message, whatever came before', () => {
    const first = deflateAfresh(message, OUT);
    deflateAfresh(Buffer.from('something else of another connection'), OUT);
    expect(deflateAfresh(message, OUT)).toEqual(first);
    expect(inflated(first)).toEqual(message);
  });

  it('keeps parameters apart', () => {
    const large = Buffer.concat([Buffer.alloc(600, 'a'), message, Buffer.alloc(600, 'b'), message]);
    const [wide, narrow] = [deflateAfresh(large, OUT), deflateAfresh(large, { ...OUT, windowBits: 9 })];
    expect(narrow.length).toBeGreaterThan(wide.length);
    expect([inflated(wide), inflated(narrow)]).toEqual([large, large]);
  });
});

describe('inflating with a context that others use too', () => {
  const compressed = withTail(deflateAfresh(message, OUT));

  it('gives each message by itself', () => {
    for (let i = 0; i < 3; i++) expect(inflateAfresh(compressed, IN)).toEqual(message);
  });

  it('can’t reach into a message before: the window is empty', () => {
    // RFC 7692 §7.2.3.2: "Hello" by a distance into the "Hello" before it
    expect(inflateAfresh(withTail(Buffer.from('f248cdc9c90700', 'hex')), IN).toString()).toBe('Hello');
    expect(() => inflateAfresh(withTail(Buffer.from('f200110000', 'hex')), IN)).toThrow(
      'invalid distance too far back',
    );
  });

  it('goes on for others after a message that broke it', () => {
    expect(() => inflateAfresh(Buffer.alloc(10, 0xff), IN)).toThrow('invalid block type');
    expect(inflateAfresh(compressed, IN)).toEqual(message);
  });

  it('keeps the limits of different servers apart', () => {
    expect(() => inflateAfresh(compressed, { ...IN, maxOutputLength: 10 })).toThrow(
      expect.objectContaining({ code: 'ERR_BUFFER_TOO_LARGE' }),
    );
    expect(inflateAfresh(compressed, IN)).toEqual(message);
  });
});
