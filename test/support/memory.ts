/** Memory that is really held: counted after garbage collection, buffers outside of the heap included. */
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

export const MiB = 1024 * 1024;

const MOST_COLLECTIONS = 8;
const SETTLED_BYTES = 64 * 1024;

/**
 * Collects until that frees nothing more, with turns of the event loop between: handles are freed in one
 * before what they held, and finalizers take turns of their own.
 */
export async function bytesHeld(): Promise<number> {
  let held = collected();
  for (let i = 1; i < MOST_COLLECTIONS; i++) {
    await turn();
    const now = collected();
    if (now > held - SETTLED_BYTES) return Math.min(now, held);
    held = now;
  }
  return held;
}

function collected(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
