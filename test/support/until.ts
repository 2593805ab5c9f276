import { setTimeout as pause } from 'node:timers/promises';

/** For what nothing tells: looks until it is so, or the time of the test is over. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await pause(10);
}
