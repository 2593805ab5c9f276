/** Ways to hand bytes to a socket: how they are cut decides what the other side's parser sees. */
import type { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { Random } from './random.js';

export interface Delivery {
  readonly name: string;
  /** The lengths of the pieces that `total` bytes are sent in. */
  pieces(total: number): Iterable<number>;
}

export const inOnePiece: Delivery = {
  name: 'in one piece',
  pieces: (total) => [total],
};

export const byteByByte: Delivery = { ...inPiecesOf(1), name: 'byte by byte' };

export function inPiecesOf(size: number): Delivery {
  return {
    name: `in pieces of ${size} bytes`,
    *pieces(total) {
      for (let left = total; left > 0; left -= size) yield Math.min(size, left);
    },
  };
}

/** Sizes spread evenly over the orders of magnitude, so that headers are cut as often as payloads. */
export function inRandomPieces(seed: number): Delivery {
  return {
    name: `in random pieces (seed ${seed})`,
    *pieces(total) {
      const random = new Random(seed);
      for (let left = total, size; left > 0; left -= size) {
        size = Math.min(left, random.logUniform(1, 65_536));
        yield size;
      }
    },
  };
}

/**
 * Writes the pieces one by one. Between them the event loop goes round, so that a server in this process
 * reads one before the next is there; the spec of this file proves that they arrive apart.
 * Ends early, without an error, when the other side closes meanwhile.
 */
export async function deliver(socket: Duplex, bytes: Buffer, delivery: Delivery): Promise<void> {
  let at = 0;
  for (const size of delivery.pieces(bytes.length)) {
    // Before each piece: from one such turn to the next the loop polls its sockets exactly once
    if (size < bytes.length) await turn();
    if (!socket.writable) return;
    const written = await write(socket, bytes.subarray(at, (at += size)));
    if (!written) return;
  }
}

function write(socket: Duplex, piece: Buffer): Promise<boolean> {
  return new Promise((resolve) => socket.write(piece, (error) => resolve(!error)));
}
