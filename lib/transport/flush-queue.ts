/** Writes of one tick leave together: who has something to send is flushed once, when the tick ends. */

interface Flushable {
  flush(): void;
}

let queue: Flushable[] = [];
let spare: Flushable[] = [];

/** Asks for a `flush` at the end of this tick, before I/O goes on. The caller asks once per tick. */
export function flushSoon(outbox: Flushable): void {
  if (queue.push(outbox) === 1) process.nextTick(flushAll);
}

function flushAll(): void {
  const due = queue;
  queue = spare;
  for (const outbox of due) outbox.flush();
  due.length = 0;
  spare = due;
}
