/** Repeatable randomness: a failed run can be had again with the seed that its message names. */

/** Taken from TEST_SEED; otherwise new in every process. */
export const seed = Number(process.env['TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** Numbers in [0, 1), always the same for the same `from` (Mulberry32). */
export function randomFrom(from: number): () => number {
  let state = from;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function randomBytesFrom(from: number, length: number): Buffer {
  const random = randomFrom(from);
  return Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
}
