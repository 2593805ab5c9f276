/** What Linux knows about a process, whatever runs in it. */
import { readdirSync, readFileSync } from 'node:fs';

/** CPU time of all threads so far, user and system, in microseconds. Precise to the nanosecond, unlike /proc/<pid>/stat. */
export function cpuUs(pid) {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const times = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8');
    nanoseconds += Number(times.slice(0, times.indexOf(' ')));
  }
  return nanoseconds / 1000;
}

/** Memory of the process alone: heap and stacks, without the pages of its executable. */
export function memoryBytes(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^RssAnon:\s+(\d+) kB/m.exec(status)[1]) * 1024;
}

const TICK_US = 10_000;
const IDLE_COLUMNS = [3, 4]; // idle, iowait

/** Time that a core has worked so far, whoever it worked for, in microseconds. */
export function coreBusyUs(core) {
  const line = new RegExp(`^cpu${core} (.*)$`, 'm').exec(readFileSync('/proc/stat', 'utf8'))[1];
  const columns = line.split(' ').slice(0, 8).map(Number);
  const busy = columns.filter((_, column) => !IDLE_COLUMNS.includes(column));
  return busy.reduce((sum, ticks) => sum + ticks) * TICK_US;
}
