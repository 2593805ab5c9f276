/**
 * The header of a frame, RFC 6455 §5.2:
 *
 *      0               1               2 ...
 *     +-+-+-+-+-------+-+-------------+----------------------+------------------+
 *     |F|R|R|R| opcode|M| length      | 16 or 64 bits more   | mask key, 4 bytes|
 *     |I|S|S|S|  (4)  |A| (7)         | for lengths 126, 127 | where M is set   |
 *     |N|V|V|V|       |S|             |                      |                  |
 *     +-+-+-+-+-------+-+-------------+----------------------+------------------+
 */
export const FIN = 0x80;
export const MASKED = 0x80;
export const RSV_BITS = 0x70;
export const MAX_HEADER_BYTES = 14;

const LENGTH_IN_16_BITS = 126;
const LENGTH_IN_64_BITS = 127;

/** How long a header is, told by its second byte. */
export function headerSize(secondByte: number): number {
  const length = secondByte & 0x7f;
  const extended = length < LENGTH_IN_16_BITS ? 0 : length === LENGTH_IN_16_BITS ? 2 : 8;
  return 2 + extended + (secondByte & MASKED ? 4 : 0);
}

/**
 * The payload length of the header that begins at `at` and is there in full.
 * @returns bytes; -1 for a length not minimally encoded; Infinity when beyond 2^53; NaN when its most
 * significant bit is set, which RFC 6455 §5.2 forbids
 */
export function payloadLength(bytes: Uint8Array, at: number): number {
  const length = bytes[at + 1]! & 0x7f;
  if (length < LENGTH_IN_16_BITS) return length;
  if (length === LENGTH_IN_16_BITS) {
    const extended = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    return extended < LENGTH_IN_16_BITS ? -1 : extended;
  }
  return lengthFrom64Bits(readUint32(bytes, at + 2), readUint32(bytes, at + 6));
}

function lengthFrom64Bits(high: number, low: number): number {
  if (high > 0x7fffffff) return NaN;
  if (high === 0 && low <= 0xffff) return -1;
  return high > 0x1fffff ? Infinity : high * 0x100000000 + low;
}

function readUint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

/** The mask key before position `end`, as `maskInto` takes it: one integer, octet 0 lowest. */
export function readMaskKey(bytes: Uint8Array, end: number): number {
  return bytes[end - 4]! | (bytes[end - 3]! << 8) | (bytes[end - 2]! << 16) | (bytes[end - 1]! << 24);
}

/** How many bytes `writeHeader` will write. */
export function headerBytesFor(length: number, masked: boolean): number {
  const extended = length < LENGTH_IN_16_BITS ? 0 : length <= 0xffff ? 2 : 8;
  return 2 + extended + (masked ? 4 : 0);
}

/**
 * Writes a header with the minimal length encoding.
 * @param firstByte FIN, reserved bits and opcode
 * @param key the mask key, or undefined for a frame that is not masked
 * @returns the position behind the header
 */
export function writeHeader(
  target: Buffer,
  at: number,
  firstByte: number,
  length: number,
  key?: number,
): number {
  target[at] = firstByte;
  const maskBit = key === undefined ? 0 : MASKED;
  const end = writeLength(target, at + 1, maskBit, length);
  return key === undefined ? end : target.writeInt32LE(key, end);
}

function writeLength(target: Buffer, at: number, maskBit: number, length: number): number {
  if (length < LENGTH_IN_16_BITS) {
    target[at] = maskBit | length;
    return at + 1;
  }
  if (length <= 0xffff) {
    target[at] = maskBit | LENGTH_IN_16_BITS;
    return target.writeUInt16BE(length, at + 1);
  }
  target[at] = maskBit | LENGTH_IN_64_BITS;
  target.writeUInt32BE(Math.floor(length / 0x100000000), at + 1);
  return target.writeUInt32BE(length >>> 0, at + 5);
}
