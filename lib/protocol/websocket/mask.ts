/**
 * Masking, RFC 6455 §5.3: octet i of the payload is XORed with octet i mod 4 of the key.
 *
 * Small payloads go byte by byte. Large ones are copied first and then XORed in place a 32-bit word at
 * a time, on the target's own alignment, with the key turned to fit: the source's alignment, which a
 * peer chooses, never matters. The key travels as one little-endian integer, octet 0 lowest.
 */

/** Below this many bytes making a word view costs more than it saves (measured on Node 20). */
const WORDWISE_FROM_BYTES = 192;

const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** The key as it applies from position `phase` of the payload on. */
export function rotateKey(key: number, phase: number): number {
  const bits = (phase & 3) << 3;
  return bits === 0 ? key : (key >>> bits) | (key << (32 - bits));
}

/**
 * Copies `length` bytes of `source` from `from` to `target` at `to`, XORed with `key`, whose octet 0
 * applies to the first of them.
 * @returns the OR of all bytes written when they were few, so that a caller sees pure ASCII (< 0x80)
 * without a second pass; 0xff when that is not known
 */
export function maskInto(
  source: Uint8Array,
  from: number,
  length: number,
  key: number,
  target: Uint8Array,
  to: number,
): number {
  if (length < WORDWISE_FROM_BYTES) return maskBytes(source, from, length, key, target, to);
  target.set(source.subarray(from, from + length), to);
  if (key !== 0) maskInPlace(target, to, length, key);
  return 0xff;
}

function maskBytes(
  source: Uint8Array,
  from: number,
  length: number,
  key: number,
  target: Uint8Array,
  to: number,
): number {
  const k0 = key & 0xff;
  const k1 = (key >>> 8) & 0xff;
  const k2 = (key >>> 16) & 0xff;
  const k3 = key >>> 24;
  const whole = length & ~3;
  let seen = 0;
  let i = 0;
  for (; i < whole; i += 4) {
    seen |= target[to + i] = source[from + i]! ^ k0;
    seen |= target[to + i + 1] = source[from + i + 1]! ^ k1;
    seen |= target[to + i + 2] = source[from + i + 2]! ^ k2;
    seen |= target[to + i + 3] = source[from + i + 3]! ^ k3;
  }
  if (i < length) seen |= target[to + i] = source[from + i]! ^ k0;
  if (i + 1 < length) seen |= target[to + i + 1] = source[from + i + 1]! ^ k1;
  if (i + 2 < length) seen |= target[to + i + 2] = source[from + i + 2]! ^ k2;
  return seen;
}

function maskInPlace(target: Uint8Array, to: number, length: number, key: number): void {
  const head = Math.min(-(target.byteOffset + to) & 3, length);
  maskBytes(target, to, head, key, target, to);
  const words = (length - head) >>> 2;
  maskWords(new Uint32Array(target.buffer, target.byteOffset + to + head, words), rotateKey(key, head));
  const done = head + (words << 2);
  maskBytes(target, to + done, length - done, rotateKey(key, done), target, to + done);
}

function maskWords(words: Uint32Array, key: number): void {
  const word = LITTLE_ENDIAN ? key : swapBytes(key);
  const whole = words.length & ~3;
  let i = 0;
  for (; i < whole; i += 4) {
    words[i]! ^= word;
    words[i + 1]! ^= word;
    words[i + 2]! ^= word;
    words[i + 3]! ^= word;
  }
  for (; i < words.length; i++) words[i]! ^= word;
}

function swapBytes(key: number): number {
  return ((key & 0xff) << 24) | ((key & 0xff00) << 8) | ((key >>> 8) & 0xff00) | (key >>> 24);
}
