/** The raw peer judges the core, so it is itself held against the examples of RFC 6455. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { byteByByte, inPiecesOf, inRandomPieces } from './raw-peer-delivery.js';
import {
  binary,
  close,
  continuation,
  encodeFrame,
  fragmented,
  inFragmentsOf,
  ping,
  text,
} from './raw-peer-frames.js';
import { acceptFor, exampleKey } from './raw-peer-http.js';
import { FrameReader, MessageReader, type Received } from './raw-peer-reader.js';
import { RawPeer } from './raw-peer.js';

describe('Frames of the raw peer', () => {
  // RFC 6455 §5.7
  it.each([
    ['a bare text message', text('Hello'), 'server', '810548656c6c6f'],
    ['a masked text message', text('Hello'), 'client', '818537fa213d7f9f4d5158'],
    ['a first fragment', text('Hel', { fin: false }), 'server', '010348656c'],
    ['a last fragment', continuation('lo'), 'server', '80026c6f'],
    ['a bare ping', ping('Hello'), 'server', '890548656c6c6f'],
    ['a close with a code', close(1000), 'server', '880203e8'],
    ['an empty close', close(), 'server', '8800'],
    ['a length of 16 bits, not minimal', text('a', { lengthBits: 16 }), 'server', '817e000161'],
    ['a declared length', binary('', { declaredLength: 65_536 }), 'server', '827f0000000000010000'],
    ['reserved bits', text('', { rsv: 4 }), 'server', 'c100'],
  ] as const)('%s has the bytes of the RFC', (_, spec, sender, hex) => {
    expect(encodeFrame(spec, sender).toString('hex')).toBe(hex);
  });

  it('cut a message at every fragment size', () => {
    expect(inFragmentsOf(2, text('abc'))).toEqual(fragmented(text('ab'), 'c'));
    expect(inFragmentsOf(3, text('abc'))).toEqual([text('abc', { fin: true })]);
    expect(inFragmentsOf(3, text(''))).toEqual([text('', { fin: true })]);
  });
});

describe('The reader of the raw peer', () => {
  const read = (bytes: Buffer, pieceSize: number): Received[] => {
    const received: Received[] = [];
    const reader = new FrameReader(new MessageReader((one) => received.push(one), 'server', 0).push);
    for (let at = 0; at < bytes.length; at += pieceSize) reader.push(bytes.subarray(at, at + pieceSize));
    return received;
  };
  const encoded = (...specs: Parameters<typeof encodeFrame>[0][]): Buffer =>
    Buffer.concat(specs.map((spec) => encodeFrame(spec, 'server')));

  it.each([1, 2, 3, 1_000, 1_000_000])('puts messages together from pieces of %d bytes', (size) => {
    const long = Buffer.alloc(70_000, 7);
    const stream = encoded(...fragmented(text('Hel'), 'lo'), ping('x'), binary(long), text(''));
    expect(read(stream, size).map(({ kind, payload, frames }) => [kind, payload.length, frames])).toEqual([
      ['text', 5, 2],
      ['ping', 1, 1],
      ['binary', 70_000, 1],
      ['text', 0, 1],
    ]);
  });

  it.each([
    ['a masked frame', text('a', { mask: Buffer.alloc(4) }), 'masked'],
    ['a reserved bit', text('a', { rsv: 1 }), 'reserved bits 1'],
    ['a length not minimal', text('a', { lengthBits: 16 }), 'a length of 1 was encoded in 2 bytes'],
    ['a fragmented ping', ping('a', { fin: false }), 'illegal control frame'],
    ['a continuation of nothing', continuation('a'), 'opcode 0'],
    ['a reserved opcode', { ...text('a'), opcode: 3 }, 'reserved opcode 3'],
    ['bad UTF-8', text(Buffer.of(0xff)), 'not UTF-8'],
  ])('refuses %s of the server', (_, spec, message) => {
    expect(() => read(encoded(spec), 100)).toThrow(message);
  });

  it('knows the accept value of RFC 6455 §1.3', () => {
    expect(acceptFor(exampleKey)).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  });
});

/** Where each of these lengths ends, one behind the other. */
function endsOf(lengths: Iterable<number>): number[] {
  let at = 0;
  return Array.from(lengths, (length) => (at += length));
}

describe('What the raw peer sends', () => {
  let server: Server;
  let socket: Socket;
  let peer: RawPeer;
  const chunks: Buffer[] = [];

  beforeEach(async () => {
    chunks.length = 0;
    server = createServer((accepted) => {
      socket = accepted.on('data', (chunk) => chunks.push(chunk)).on('error', () => {});
    }).listen(0);
    await once(server, 'listening');
    const accepted = once(server, 'connection');
    peer = await RawPeer.connect((server.address() as { port: number }).port);
    await accepted;
  });

  afterEach(() => {
    peer.destroy();
    socket.destroy();
    server.close();
  });

  it.each([byteByByte, inPiecesOf(3), inRandomPieces(1), inRandomPieces(2)])(
    'arrives in the pieces it was cut in: $name',
    async (delivery) => {
      const bytes = Buffer.alloc(100, 'abc');
      await peer.send(bytes, delivery);
      peer.socket.end();
      await once(socket, 'end');
      expect(Buffer.concat(chunks)).toEqual(bytes);
      const [ends, cuts] = [endsOf(chunks.map(({ length }) => length)), endsOf(delivery.pieces(100))];
      expect(ends.filter((end) => !cuts.includes(end))).toEqual([]);
      // a kernel that is busy may hand on two together
      expect(ends.length).toBeGreaterThan(cuts.length * 0.9 - 1);
    },
  );

  it('may be cut by a peer that ends meanwhile, without an error', async () => {
    const sending = peer.send(Buffer.alloc(1_000), byteByByte);
    socket.resetAndDestroy();
    await expect(sending).resolves.toBeUndefined();
    await expect(peer.untilEnded()).resolves.toEqual([]);
  });

  it('gives up a wait at its deadline and says what had come', async () => {
    // beside the other on the same socket: its own wait begins when the frame is there
    const hasty = new RawPeer(peer.socket, { deadlineMs: 200 });
    for (const each of [peer, hasty]) each.startFrames();
    socket.write(encodeFrame(ping('x'), 'server'));
    await peer.next();
    await hasty.next();
    await expect(hasty.next()).rejects.toThrow('no frame within 200 ms; unread: [] and 0 bytes');
  });
});
