/** Client frames, made before anything is timed. */
import { randomBytes } from 'node:crypto';

export const opcodes = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 };
const FIN = 0x80;
const RSV1 = 0x40;
const MASKED = 0x80;

function header(firstByte, length) {
  if (length < 126) return Buffer.from([firstByte, MASKED | length]);
  const long = length > 0xffff;
  const bytes = Buffer.alloc(long ? 10 : 4);
  bytes[0] = firstByte;
  bytes[1] = MASKED | (long ? 127 : 126);
  if (long) bytes.writeBigUInt64BE(BigInt(length), 2);
  else bytes.writeUInt16BE(length, 2);
  return bytes;
}

/** A key without zero bytes: a zero would let a server off part of the unmasking. */
function maskingKey() {
  let key = randomBytes(4);
  while (key.includes(0)) key = randomBytes(4);
  return key;
}

export function mask(payload, key) {
  const masked = Buffer.allocUnsafe(payload.length);
  for (let at = 0; at < payload.length; at++) masked[at] = payload[at] ^ key[at & 3];
  return masked;
}

export function frame(payload, opcode, compressed = false) {
  const key = maskingKey();
  const first = FIN | (compressed ? RSV1 : 0) | opcode;
  return Buffer.concat([header(first, payload.length), key, mask(payload, key)]);
}
