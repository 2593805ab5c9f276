/** Memory that is really held: counted after garbage collection, buffers outside of the heap included. */
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

export const MiB = 1024 * 1024;

/** Collects twice, with a turn of the event loop between: handles are freed in one before what they held. */
export async function bytesHeld(): Promise<number> {
  collectGarbage();
  await turn();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
