import { describe, expect, it } from '@jest/globals';
import type { OutgoingMessage, SharedEncoding } from '../../../lib/protocol/websocket/index.js';
import { PreparedFrames } from '../../../lib/transport/websocket/prepared-frames.js';
import { BINARY, TEXT, frame } from '../../protocol/websocket/frames.js';

const RSV1 = 0x40;
const HELLO = Buffer.from('hello');

/** An encoding that counts how often it is asked. */
function encoding(
  key: string,
  encode: SharedEncoding['encode'],
): SharedEncoding & { asked: OutgoingMessage[] } {
  const asked: OutgoingMessage[] = [];
  return {
    key,
    asked,
    encode(message) {
      asked.push(message);
      return encode(message);
    },
    sent() {},
  };
}

describe('a message for many connections', () => {
  it('is framed once, without a mask', () => {
    const frames = new PreparedFrames(HELLO, false);
    expect(frames.plain).toEqual(frame(TEXT, HELLO));
    expect(frames.plain).toBe(frames.plain);
    expect(new PreparedFrames(HELLO, true).plain).toEqual(frame(BINARY, HELLO));
  });

  it('is compressed unless asked not to', () => {
    expect(new PreparedFrames(HELLO, true).message).toEqual({
      payload: HELLO,
      isBinary: true,
      compress: true,
    });
    expect(new PreparedFrames(HELLO, false, false).message.compress).toBe(false);
  });

  it('is encoded once for each way and bits', () => {
    const frames = new PreparedFrames(HELLO, false);
    const upper = encoding('upper', ({ payload }) => Buffer.from(payload.toString().toUpperCase()));
    const same = encoding('upper', () => Buffer.from('never asked'));
    const lower = encoding('lower', ({ payload }) => Buffer.from(payload.toString().toLowerCase()));
    const first = frames.encodedBy(upper, RSV1);
    expect(first).toEqual(frame(TEXT, 'HELLO', { rsv: RSV1 }));
    expect(frames.encodedBy(same, RSV1)).toBe(first);
    expect(frames.encodedBy(lower, RSV1)).toEqual(frame(TEXT, 'hello', { rsv: RSV1 }));
    expect(frames.encodedBy(upper, 0x20)).toEqual(frame(TEXT, 'HELLO', { rsv: 0x20 }));
    expect([upper.asked.length, same.asked.length, lower.asked.length]).toEqual([2, 0, 1]);
  });

  it('that an encoding leaves alone is asked about once', () => {
    const frames = new PreparedFrames(HELLO, false);
    const none = encoding('none', () => undefined);
    expect(frames.encodedBy(none, RSV1)).toBeUndefined();
    expect(frames.encodedBy(none, RSV1)).toBeUndefined();
    expect(none.asked).toHaveLength(1);
  });

  it('that takes time to encode is one promise for all', async () => {
    const frames = new PreparedFrames(HELLO, true);
    const slow = encoding('slow', () => Promise.resolve(Buffer.from('later')));
    const pending = frames.encodedBy(slow, RSV1);
    expect(frames.encodedBy(slow, RSV1)).toBe(pending);
    await expect(pending).resolves.toEqual(frame(BINARY, 'later', { rsv: RSV1 }));
  });

  it('that is left alone after some time goes plain', async () => {
    const frames = new PreparedFrames(HELLO, true);
    const declining = encoding('no', () => Promise.resolve(undefined));
    await expect(frames.encodedBy(declining, RSV1)).resolves.toBe(frames.plain);
  });
});
