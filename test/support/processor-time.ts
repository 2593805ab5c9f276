import { existsSync, readFileSync } from 'node:fs';

/** Linux: the main thread has the id of the process. Its first number is the time it ran, in nanoseconds. */
const THREAD_STATISTICS = `/proc/self/task/${process.pid}/schedstat`;
const hasThreadStatistics = existsSync(THREAD_STATISTICS);

/** Processor time of this thread: neither other processes nor V8's helper threads add to it. */
export function processorMs(): number {
  if (hasThreadStatistics) return Number(readFileSync(THREAD_STATISTICS, 'latin1').split(' ')[0]) / 1e6;
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
