import { describe } from '@jest/globals';
import { inPiecesOf } from '../support/raw-peer-delivery.js';
import { binary, text } from '../support/raw-peer-frames.js';
import { exchange } from './exchange.js';
import type { Role } from './role.js';

/** Around every change of the length encoding. */
const lengths = [0, 1, 125, 126, 127, 128, 65_535, 65_536];

export function lengthsSuite(role: Role): void {
  describe('RFC 6455 §5.2, payload length', () => {
    for (const length of lengths) {
      const words = text('*'.repeat(length));
      const bytes = binary(Buffer.alloc(length, 0xfe));
      exchange(role, `text of ${length} bytes comes back`, { send: [words], receive: [words] });
      exchange(role, `binary of ${length} bytes comes back`, { send: [bytes], receive: [bytes] });
    }

    for (const size of [997, 1_024]) {
      const whole = text('*'.repeat(65_536));
      const bytes = binary(Buffer.alloc(65_536, 0xfe));
      const deliveries = [inPiecesOf(size)];
      exchange(role, 'text of 65536 bytes', { send: [whole], receive: [whole], deliveries });
      exchange(role, 'binary of 65536 bytes', { send: [bytes], receive: [bytes], deliveries });
    }

    // "the minimal number of bytes MUST be used to encode the length"
    for (const length of [0, 1, 125]) {
      exchange(role, `${length} bytes declared in 16 bits fail`, {
        send: [text('*'.repeat(length), { lengthBits: 16 })],
        failsWith: 1002,
      });
    }
    for (const length of [0, 125, 126, 65_535]) {
      exchange(role, `${length} bytes declared in 64 bits fail`, {
        send: [binary(Buffer.alloc(length), { lengthBits: 64 })],
        failsWith: 1002,
      });
    }

    // "the most significant bit MUST be 0"
    exchange(role, 'a 64-bit length with its highest bit set fails', {
      send: [binary('', { lengthBits: 64, declaredLength: 1n << 63n })],
      failsWith: 1002,
    });
    exchange(role, 'a 64-bit length of all ones fails', {
      send: [binary('', { lengthBits: 64, declaredLength: (1n << 64n) - 1n })],
      failsWith: 1002,
    });
  });
}
