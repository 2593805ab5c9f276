/**
 * One conformance case: what a raw peer sends and what it must get back, complete and in order. The same
 * case runs in one piece, byte by byte and in random pieces, since how TCP cuts the bytes must not matter.
 */
import { expect, it } from '@jest/globals';
import { byteByByte, inOnePiece, inRandomPieces, type Delivery } from '../support/raw-peer-delivery.js';
import { close, Opcode, type FrameSpec } from '../support/raw-peer-frames.js';
import { type Received, inWords } from '../support/raw-peer-reader.js';
import type { Piece, RawPeer } from '../support/raw-peer.js';
import { seed } from '../support/seed.js';
import type { Role } from './role.js';

export interface Exchange {
  readonly send: readonly Piece[];
  /** The messages and control frames that must come back, before whatever closes the connection. */
  readonly receive?: readonly FrameSpec[];
  /** The close code that the connection must be failed with. Left out: it must still close cleanly. */
  readonly failsWith?: number;
  /** The connection is closed by what is sent, and answered with this code ('none': a bare close frame). */
  readonly closesWith?: number | 'none';
  /** Only these ways of cutting. Default: all three, byte by byte up to 2 KiB. */
  readonly deliveries?: readonly Delivery[];
}

/** More bytes than this one by one would test patience, not parsing. */
const byteByByteLimit = 2_048;

export function exchange(role: Role, title: string, spec: Exchange): void {
  for (const delivery of spec.deliveries ?? [inOnePiece, byteByByte, inRandomPieces(seed)]) {
    if (delivery === byteByByte && sizeOf(spec.send) > byteByByteLimit && !spec.deliveries) continue;
    it(`${title}, ${delivery.name}`, async () => {
      const peer = await role.open();
      try {
        expect(await converse(peer, spec, delivery)).toEqual(outcomeOf(spec));
      } finally {
        peer.destroy();
      }
    });
  }
}

async function converse(peer: RawPeer, spec: Exchange, delivery: Delivery): Promise<string[]> {
  const settled = spec.failsWith !== undefined || spec.closesWith !== undefined;
  const sending = peer.send(settled ? spec.send : [...spec.send, close(1000)], delivery);
  if (peer.role === 'server') endWhenClosed(peer);
  const received = peer.untilEnded();
  await Promise.all([sending, received]);
  return (await received).map(inWords);
}

/** RFC 6455 §7.1.1: it is the server that closes the TCP connection, so a raw server has to. */
function endWhenClosed(peer: RawPeer): void {
  const closed = (): true | undefined => peer.received.some(({ kind }) => kind === 'close') || undefined;
  peer
    .until('close frame', () => closed() ?? peer.ended)
    .then(
      () => peer.socket.end(),
      () => {},
    );
}

function outcomeOf({ receive = [], failsWith, closesWith }: Exchange): string[] {
  const code = failsWith ?? closesWith ?? 1000;
  const answer = receive.map(({ opcode, payload }) => inWords({ kind: kindOf(opcode), payload }));
  return [...answer, code === 'none' ? 'close without a code' : `close ${code}`];
}

function kindOf(opcode: number): Received['kind'] {
  const name = Object.entries(Opcode).find(([, value]) => value === opcode)?.[0];
  return name as Received['kind'];
}

const sizeOf = (pieces: readonly Piece[]): number =>
  pieces.reduce((sum, piece) => sum + ('payload' in piece ? piece.payload.length : piece.length), 0);
