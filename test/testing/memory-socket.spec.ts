import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { memorySocketPair } from '../../lib/testing/memory-socket.js';

describe('a connection without a network', () => {
  let one: Duplex;
  let other: Duplex;

  beforeEach(() => {
    [one, other] = memorySocketPair();
    for (const end of [one, other]) end.on('error', () => undefined);
  });

  function readAll(from: Duplex): Promise<string> {
    let text = '';
    from.on('data', (chunk) => (text += String(chunk)));
    return new Promise((resolve) => from.once('end', () => resolve(text)));
  }

  it('carries bytes both ways, in order, until each side has ended', async () => {
    for (let i = 0; i < 1_000; i++) one.write(`${i},`);
    one.end('end');
    other.end('back');

    const sent = await Promise.all([readAll(other), readAll(one)]);
    expect(sent).toEqual([`${Array.from({ length: 1_000 }, (_, i) => i).join(',')},end`, 'back']);
  });

  it('delivers later, and a copy', async () => {
    const bytes = Buffer.from('abc');
    one.write(bytes, () => bytes.fill(0));
    expect(other.read()).toBeNull();

    await once(other, 'readable');
    expect(String(other.read())).toBe('abc');
  });

  it('holds the writer up when nobody reads', async () => {
    const chunk = Buffer.alloc(10_000);
    for (let i = 0; i < 10; i++) one.write(chunk);
    for (let i = 0; i < 10; i++) await turn();
    expect(one.writableLength).toBeGreaterThan(50_000);

    other.resume();
    await once(one, 'drain');
    expect(one.writableLength).toBe(0);
  });

  it('breaks off at both ends when one is destroyed', async () => {
    const failed = once(other, 'error');
    one.destroy();
    expect(await failed).toMatchObject([{ code: 'ECONNRESET' }]);
    expect(other.destroyed).toBe(true);
  });

  it('tells the writer when the reader is gone', async () => {
    const callback = new Promise((resolve) => one.write('x', resolve));
    other.destroy();

    expect(await callback).toMatchObject({ code: 'EPIPE' });
  });
});
