/** WIRE §8: a close reason may say after how long the client is to come back. */
const HINT = /^retry=(\d{1,9})$/;

/** @returns milliseconds; undefined for a reason that is no hint */
export function readRetryHint(reason: string): number | undefined {
  const ms = HINT.exec(reason)?.[1];
  return ms === undefined ? undefined : Number(ms);
}
