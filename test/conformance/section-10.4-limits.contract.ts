import { describe } from '@jest/globals';
import { inOnePiece, inPiecesOf, inRandomPieces } from '../support/raw-peer-delivery.js';
import { binary, inFragmentsOf, text, type FrameSpec } from '../support/raw-peer-frames.js';
import { seed } from '../support/seed.js';
import { exchange } from './exchange.js';
import type { Role } from './role.js';

const KiB = 1_024;
const MiB = 1_024 * KiB;

/** Needs limits raised to 16 MiB and 65,536 fragments. */
export const raisedLimits = {
  maxPayload: 16 * MiB,
  maxFragments: 65_536,
  maxBufferedChunks: 2 * MiB,
  maxOutboundBytes: 64 * MiB,
};

const both = [inOnePiece, inRandomPieces(seed)];

export function limitsSuite(role: Role): void {
  describe('large messages in one frame', () => {
    for (const size of [64 * KiB, 256 * KiB, MiB, 4 * MiB, 8 * MiB, 16 * MiB]) {
      const deliveries = size > MiB ? [inOnePiece] : both;
      const words = text(wordsOf(size));
      const bytes = binary(bytesOf(size));
      exchange(role, `text of ${size} bytes`, { send: [words], receive: [words], deliveries });
      exchange(role, `binary of ${size} bytes`, { send: [bytes], receive: [bytes], deliveries });
    }
  });

  describe('large messages in many frames', () => {
    for (const size of [64, 256, KiB, 4 * KiB, 16 * KiB, 64 * KiB, 256 * KiB, MiB, 4 * MiB]) {
      const whole = size === 256 ? text(wordsOf(4 * MiB)) : binary(bytesOf(4 * MiB));
      exchange(role, `4 MiB in fragments of ${size} bytes`, {
        send: inFragmentsOf(size, whole),
        receive: [whole],
        deliveries: [inOnePiece],
      });
    }
    const odd = text(wordsOf(64 * KiB));
    exchange(role, '64 KiB in fragments of 1300 bytes', {
      send: inFragmentsOf(1_300, odd),
      receive: [odd],
      deliveries: both,
    });
    const whole = binary(bytesOf(16 * MiB));
    exchange(role, '16 MiB in fragments of 1 MiB', {
      send: inFragmentsOf(MiB, whole),
      receive: [whole],
      deliveries: [inOnePiece],
    });
  });

  describe('messages chopped by the network', () => {
    for (const size of [64, 128, 256, 512, KiB, 2 * KiB]) {
      const whole = size === 256 ? text(wordsOf(MiB / 2)) : binary(bytesOf(MiB / 2));
      exchange(role, '512 KiB', { send: [whole], receive: [whole], deliveries: [inPiecesOf(size)] });
    }
    const small = text(wordsOf(16 * KiB));
    exchange(role, '16 KiB', { send: [small], receive: [small], deliveries: [inPiecesOf(1)] });
  });

  describe('many messages', () => {
    for (const size of [0, 16, 64, 256, KiB, 4 * KiB, 16 * KiB]) {
      const many = Array.from({ length: 500 }, (): FrameSpec => binary(bytesOf(size)));
      exchange(role, `500 of ${size} bytes`, { send: many, receive: many, deliveries: [inOnePiece] });
    }
  });
}

/** Text with characters of one to four bytes, so that cuts fall into them. */
function wordsOf(size: number): Buffer {
  const pattern = Buffer.from('aß€😀');
  const out = Buffer.alloc(size, 0x2e);
  for (let at = 0; at + pattern.length <= size; at += pattern.length) pattern.copy(out, at);
  return out;
}

function bytesOf(size: number): Buffer {
  const out = Buffer.alloc(size);
  for (let i = 0; i < size; i++) out[i] = (i * 31) >> 3;
  return out;
}
