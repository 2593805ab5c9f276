import { beforeEach, describe, expect, it } from '@jest/globals';
import { writeParts } from '../../../lib/transport/websocket/write-parts.js';
import { FakeSocket } from './fake-socket.js';

const KIB = 1024;
let socket: FakeSocket;
/** What the socket was asked to write, before it joined anything itself. */
let given: Buffer[];

function listening(): FakeSocket {
  const fake = new FakeSocket();
  const write = fake.write.bind(fake) as (chunk: Buffer) => boolean;
  fake.write = (chunk: Buffer): boolean => {
    given.push(chunk);
    return write(chunk);
  };
  return fake;
}

beforeEach(() => {
  given = [];
  socket = listening();
});

describe('writing parts', () => {
  it('gives a single one on as it is', () => {
    const part = Buffer.from('alone');
    writeParts(socket, [part]);
    expect(given).toHaveLength(1);
    expect(given[0]).toBe(part);
  });

  it('joins small ones', () => {
    writeParts(
      socket,
      ['a', 'b', 'c'].map((text) => Buffer.from(text)),
    );
    expect(given).toEqual([Buffer.from('abc')]);
  });

  it('joins up to 16 KiB, and has the kernel gather more, in one write either way', () => {
    const parts = [Buffer.alloc(8 * KIB, 'a'), Buffer.alloc(8 * KIB, 'b')];
    writeParts(socket, parts);
    expect(given).toHaveLength(1);
    writeParts(socket, [...parts, Buffer.from('c')]);
    expect(given).toHaveLength(4);
    expect(socket.writes.map((write) => write.length)).toEqual([16 * KIB, 16 * KIB + 1]);
    expect(socket.writes[1]).toEqual(Buffer.concat([...parts, Buffer.from('c')]));
  });

  it('joins the same parts for many sockets once', () => {
    const parts = [Buffer.from('one'), Buffer.from('two')];
    writeParts(socket, [...parts]);
    writeParts(listening(), [...parts]);
    expect(given[0]).toEqual(Buffer.from('onetwo'));
    expect(given[1]).toBe(given[0]);
  });

  it('joins anew whatever differs, be it by one part, its length or its order', () => {
    const [a, b, c] = [Buffer.from('a'), Buffer.from('b'), Buffer.from('c')];
    for (const parts of [
      [a, b],
      [a, c],
      [c, a],
      [c, a, b],
      [c, a],
    ]) {
      writeParts(socket, parts);
      expect(given.at(-1)).toEqual(Buffer.concat(parts));
    }
  });

  it('tells parts apart by identity, not by content', () => {
    const parts = [Buffer.from('x'), Buffer.from('y')];
    writeParts(socket, parts);
    writeParts(
      socket,
      parts.map((part) => Buffer.from(part)),
    );
    expect(given[1]).toEqual(given[0]);
    expect(given[1]).not.toBe(given[0]);
  });
});
