import { randomUUID } from 'node:crypto';

/** Unguessable and unique. */
export function createId(): string {
  // V8 keeps what randomUUID makes as the 14 strings it was put together from, for ten times the memory
  return Buffer.from(randomUUID(), 'latin1').toString('latin1');
}
