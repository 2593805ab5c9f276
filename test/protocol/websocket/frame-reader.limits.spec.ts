import { describe, expect, it } from '@jest/globals';
import { randomBytesFrom } from '../../support/seed.js';
import { byteByByte } from '../../support/splits.js';
import { BINARY, CONTINUATION, KEY, PING, TEXT, clientFrame, headerDeclaring } from './frames.js';
import { binary, ping, read, text } from './recorder.js';

const some = (length: number): Buffer => randomBytesFrom(length, length);

describe('limits on a message', () => {
  const limits = { maxPayload: 10, maxFragments: 3, maxBufferedChunks: 5 };

  it('let a message through that reaches them', () => {
    const frames = [
      clientFrame(BINARY, '1234', { fin: false }),
      clientFrame(CONTINUATION, '5678', { fin: false }),
      clientFrame(CONTINUATION, '90'),
    ];
    expect(read(frames, { limits }).told).toEqual([binary('1234567890')]);
  });

  it('count the bytes of all fragments, at the header that goes beyond', () => {
    const frames = [clientFrame(BINARY, '12345678', { fin: false }), clientFrame(CONTINUATION, '901')];
    const { error } = read([frames[0]!, frames[1]!.subarray(0, 6)], { limits });
    expect(error).toMatchObject({
      code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
      closeCode: 1009,
      message: 'message of 11 bytes exceeds the limit of 10',
    });
  });

  it('count the fragments, empty ones too', () => {
    const frames = [BINARY, CONTINUATION, CONTINUATION, CONTINUATION].map((opcode) =>
      clientFrame(opcode, '', { fin: false }),
    );
    expect(read(frames, { limits }).error).toMatchObject({
      closeCode: 1009,
      message: 'message of 4 fragments exceeds the limit of 3',
    });
  });

  it('count the chunks in which a message came', () => {
    const pieces = byteByByte.cut(clientFrame(BINARY, '123456'));
    expect(read(pieces.slice(0, -1), { limits }).error).toBeUndefined();
    expect(read(pieces, { limits }).error).toMatchObject({
      closeCode: 1009,
      message: 'message in more than 5 chunks exceeds the limit',
    });
  });

  it('begin again with each message', () => {
    const message = [clientFrame(BINARY, '12345', { fin: false }), clientFrame(CONTINUATION, '67890')];
    const stream = Array.from({ length: 10 }, () => message).flat();
    expect(read(stream, { limits }).told).toHaveLength(10);
  });

  it('do not count control frames in a message', () => {
    const pings = Array.from({ length: 20 }, () => clientFrame(PING, 'a ping of 18 bytes'));
    const frames = [clientFrame(BINARY, '12', { fin: false }), ...pings, clientFrame(CONTINUATION, '34')];
    expect(read(frames, { limits }).told.at(-1)).toEqual(binary('1234'));
  });

  it('leave control frames their 125 bytes', () => {
    expect(read([clientFrame(PING, 'p'.repeat(125))], { limits }).told).toEqual([ping('p'.repeat(125))]);
  });

  it('grant what an extension transformed the little that it may have grown by', () => {
    const options = { limits: { maxPayload: 2048 }, claimedRsv: 0x40 };
    const grown = (length: number): Buffer => clientFrame(BINARY, some(length), { rsv: 0x40 });
    expect(read([grown(2048 + 2 + 64)], options).error).toBeUndefined();
    expect(read([grown(2048 + 2 + 65)], options).error?.closeCode).toBe(1009);
    const first = clientFrame(BINARY, some(2000), { rsv: 0x40, fin: false });
    expect(read([first, clientFrame(CONTINUATION, some(114))], options).error).toBeUndefined();
    expect(read([first, clientFrame(CONTINUATION, some(115))], options).error?.closeCode).toBe(1009);
  });

  it('of 0 bytes allow empty messages only', () => {
    const options = { limits: { maxPayload: 0 } };
    expect(read([clientFrame(TEXT)], options).told).toEqual([text('')]);
    expect(read([clientFrame(TEXT, 'a')], options).error?.closeCode).toBe(1009);
  });

  it('refuse a declared length before anything is allocated for it', () => {
    const header = headerDeclaring(BINARY, 2n ** 40n, { key: KEY });
    const before = process.memoryUsage().arrayBuffers;
    expect(read([header], { limits: { maxPayload: 2 ** 30 } }).error?.closeCode).toBe(1009);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024);
  });
});
