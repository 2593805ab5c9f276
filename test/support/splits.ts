/**
 * Ways to cut the same bytes: what a parser makes of them must not depend on it. Put a split's name into
 * the title of the test; that of a random one holds the seed to set as TEST_SEED.
 */
import { randomFrom, seed } from './seed.js';

export interface Split {
  readonly name: string;
  readonly cut: (bytes: Buffer) => Buffer[];
}

const whole: Split = { name: 'whole', cut: (bytes) => [bytes] };

export const byteByByte: Split = {
  name: 'byte by byte',
  cut: (bytes) => Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)),
};

/** Pieces of 1 to `longest` bytes. */
export function inRandomPieces(longest: number, from: number = seed): Split {
  return {
    name: `in random pieces of up to ${longest} bytes (TEST_SEED=${from})`,
    cut(bytes) {
      const random = randomFrom(from);
      const pieces: Buffer[] = [];
      let at = 0;
      while (at < bytes.length) {
        const size = 1 + Math.floor(random() * longest);
        pieces.push(bytes.subarray(at, at + size));
        at += size;
      }
      return pieces;
    },
  };
}

export const splits: readonly Split[] = [whole, byteByByte, inRandomPieces(5), inRandomPieces(60)];

/** Every way to cut bytes in two, the empty halves included. */
export const everyCutInTwo = (bytes: Buffer): [Buffer, Buffer][] =>
  Array.from({ length: bytes.length + 1 }, (_, at) => [bytes.subarray(0, at), bytes.subarray(at)]);

/**
 * Gives the pieces to `receive`, each as a copy that is spoiled once it was taken, as a socket's read
 * buffer would be: whoever kept a view of it has garbage.
 */
export function feed(pieces: readonly Buffer[], receive: (chunk: Buffer) => void): void {
  for (const piece of pieces) {
    const chunk = Buffer.from(piece);
    try {
      receive(chunk);
    } finally {
      chunk.fill(0xaa);
    }
  }
}
