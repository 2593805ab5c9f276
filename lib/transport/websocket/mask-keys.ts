/** Mask keys from a cryptographic source (RFC 6455 §5.3, §10.3), drawn many at a time. */
import { randomFillSync } from 'node:crypto';

const keys = new Int32Array(1024);
let next = keys.length;

export function nextMaskKey(): number {
  if (next === keys.length) {
    randomFillSync(keys);
    next = 0;
  }
  return keys[next++]!;
}
