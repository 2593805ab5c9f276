import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { readJson } from '../../../lib/nest/http/request-body.js';

const TYPE = { 'content-type': 'Application/Nestwire+JSON; charset=utf-8' };

function request(headers: Record<string, string> = TYPE, more: object = {}): PassThrough & IncomingMessage {
  return Object.assign(new PassThrough(), { headers, ...more }) as unknown as PassThrough & IncomingMessage;
}

const refusedWith = (status: number): unknown => expect.objectContaining({ status });

describe('the body of a request', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('is read in pieces, and leaves no listener and no timer behind', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    const body = request();
    const read = readJson(body, 100, 1_000);
    body.write('{"a":');
    body.end('"ü"}');

    expect(await read).toEqual({ a: 'ü' });
    expect(jest.getTimerCount()).toBe(0);
    expect([body.listenerCount('data'), body.listenerCount('close')]).toEqual([0, 0]);
  });

  it('is what a parser of the application made of it, if one was there before', async () => {
    const body = request({ 'content-type': 'application/json' }, { body: { parsed: true } });
    body.resume().end();
    await new Promise((resolve) => body.on('end', resolve));

    expect(await readJson(body, 100, 1_000)).toEqual({ parsed: true });
  });

  it.each([
    ['of no type', {}, 415],
    ['of a type that a page of another origin may send', { 'content-type': 'text/plain' }, 415],
    ['too long by what it says', { ...TYPE, 'content-length': '101' }, 413],
  ])('is refused without being read: %s', async (_, headers, status) => {
    const body = request(headers);
    await expect(readJson(body, 100, 1_000)).rejects.toEqual(refusedWith(status));
    expect(body.listenerCount('data')).toBe(0);
  });

  it('is refused as soon as it is too long', async () => {
    const body = request();
    const read = readJson(body, 100, 1_000);
    body.write(Buffer.alloc(101));
    await expect(read).rejects.toEqual(refusedWith(413));
  });

  it.each([
    ['no JSON', Buffer.from('{')],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['nothing', Buffer.alloc(0)],
  ])('is refused: %s', async (_, bytes) => {
    const body = request();
    const read = readJson(body, 100, 1_000);
    body.end(bytes);
    await expect(read).rejects.toEqual(refusedWith(400));
  });

  it('is not waited for longer than it may take', async () => {
    jest.useFakeTimers();
    const read = readJson(request(), 100, 1_000);
    jest.advanceTimersByTime(1_000);
    await expect(read).rejects.toEqual(refusedWith(408));
  });

  it('is not waited for when its client has left', async () => {
    const body = request();
    const read = readJson(body, 100, 1_000);
    body.destroy();
    await expect(read).rejects.toEqual(refusedWith(400));
  });
});
