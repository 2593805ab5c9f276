import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import * as MessagePack from '@msgpack/msgpack';
import { readBody } from '../../../lib/nest/http/request-body.js';
import { type Codec, json, msgpack } from '../../../lib/protocol/codec/index.js';

const TYPE = { 'content-type': 'Application/Nestwire+JSON; charset=utf-8' };

function request(headers: Record<string, string> = TYPE, more: object = {}): PassThrough & IncomingMessage {
  return Object.assign(new PassThrough(), { headers, ...more }) as unknown as PassThrough & IncomingMessage;
}

const read = (body: IncomingMessage, codec: Codec = json) => readBody(body, codec, 100, 1_000);
const valueOf = async (body: IncomingMessage): Promise<unknown> => (await read(body)).value;

const refusedWith = (status: number): unknown => expect.objectContaining({ status });

describe('the body of a request', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('is read in pieces, and leaves no listener and no timer behind', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    const body = request();
    const reading = valueOf(body);
    body.write('{"a":');
    body.end('"ü"}');

    expect(await reading).toEqual({ a: 'ü' });
    expect(jest.getTimerCount()).toBe(0);
    expect([body.listenerCount('data'), body.listenerCount('close')]).toEqual([0, 0]);
  });

  it('is what a parser of the application made of it, if one was there before', async () => {
    const body = request({ 'content-type': 'application/json' }, { body: { parsed: true } });
    body.resume().end();
    await new Promise((resolve) => body.on('end', resolve));

    expect(await valueOf(body)).toEqual({ parsed: true });
  });

  it.each([
    ['of no type', {}, 415],
    ['of a type that a page of another origin may send', { 'content-type': 'text/plain' }, 415],
    ['compressed', { ...TYPE, 'content-encoding': 'gzip' }, 415],
    ['too long by what it says', { ...TYPE, 'content-length': '101' }, 413],
  ])('is refused without being read: %s', async (_, headers, status) => {
    const body = request(headers);
    await expect(valueOf(body)).rejects.toEqual(refusedWith(status));
    expect(body.listenerCount('data')).toBe(0);
  });

  it('is refused as soon as it is too long', async () => {
    const body = request();
    const reading = valueOf(body);
    body.write(Buffer.alloc(101));
    await expect(reading).rejects.toEqual(refusedWith(413));
  });

  it.each([
    ['no JSON', Buffer.from('{')],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['nothing', Buffer.alloc(0)],
  ])('is refused: %s', async (_, bytes) => {
    const body = request();
    const reading = valueOf(body);
    body.end(bytes);
    await expect(reading).rejects.toEqual(refusedWith(400));
  });

  it('is not waited for longer than it may take', async () => {
    jest.useFakeTimers();
    const reading = valueOf(request());
    jest.advanceTimersByTime(1_000);
    await expect(reading).rejects.toEqual(refusedWith(408));
  });

  it('is not waited for when its client has left', async () => {
    const body = request();
    const reading = valueOf(body);
    body.destroy();
    await expect(reading).rejects.toEqual(refusedWith(400));
  });

  describe('in MessagePack', () => {
    const codec = msgpack(MessagePack);
    const PACKED = { 'content-type': 'application/nestwire+msgpack' };
    const ASKED = { event: 'turn', data: new Uint8Array([1, 2]) };

    it('has messages as they are, or as bytes that are encoded already', async () => {
      const body = request(PACKED);
      body.end(MessagePack.encode({ seq: 1, messages: [ASKED, MessagePack.encode(ASKED)] }));
      const { value, encode } = await read(body, codec);

      const messages = (value as { messages: unknown[] }).messages.map(encode);
      expect(messages.map((message) => codec.decode(message))).toEqual([ASKED, ASKED]);
    });

    it('is what a parser of the application made of it: bytes, or a value', async () => {
      for (const parsed of [Buffer.from(MessagePack.encode({ seq: 1 })), { seq: 1 }]) {
        const body = { headers: PACKED, readableEnded: true, body: parsed } as unknown as IncomingMessage;
        expect((await read(body, codec)).value).toEqual({ seq: 1 });
      }
    });

    it('is for sessions that speak it, which may post JSON as well', async () => {
      await expect(read(request(PACKED))).rejects.toEqual(refusedWith(415));
      const other = request();
      other.end('{}');
      expect((await read(other, codec)).value).toEqual({});
    });

    it.each([
      ['no MessagePack', Buffer.from([0xc1])],
      ['of a list that declares 2^32 messages', Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff])],
      ['nested too deeply', Buffer.alloc(100, 0x91)],
      ['nothing', Buffer.alloc(0)],
    ])('is refused: %s', async (_, bytes) => {
      const body = request(PACKED);
      body.end(bytes);
      await expect(read(body, codec)).rejects.toEqual(refusedWith(400));
    });
  });
});
