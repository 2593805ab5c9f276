/**
 * Sockets and timers that are alive, told by async_hooks: timers that were unref'd and sockets that nobody
 * mentions any more are seen too. Whatever a connection made has to be gone when the connection is.
 */
import { AsyncResource, createHook, executionAsyncId, executionAsyncResource } from 'node:async_hooks';
import { setImmediate as turn } from 'node:timers/promises';

const kinds = new Set(['TCPWRAP', 'TCPSERVERWRAP', 'Timeout']);

export class ResourceLedger {
  private readonly alive = new Map<number, string>();
  private baseline = new Set<number>();
  private readonly hook = createHook({
    init: (id, type) => {
      if (!kinds.has(type) || this.isOfEarlierTimer()) return;
      const stack = new Error(type).stack ?? type;
      // The test runner keeps a timer for every test and hook
      if (!stack.includes('jest-circus')) this.alive.set(id, stack);
    },
    destroy: (id) => this.alive.delete(id),
  });

  /** Of the last timer that was made before. */
  private since = 0;

  /** Begins to note what is made from now on. */
  start(): void {
    this.since = lastAsyncId();
    this.hook.enable();
  }

  /** One that a file of tests before has left in this process, and that goes off now. */
  private isOfEarlierTimer(): boolean {
    const resource = executionAsyncResource() as object | undefined;
    return resource?.constructor?.name === 'Timeout' && executionAsyncId() <= this.since;
  }

  stop(): void {
    this.hook.disable();
    this.alive.clear();
  }

  /** What is alive now may stay. */
  mark(): void {
    this.baseline = new Set(this.alive.keys());
  }

  /**
   * Waits until nothing is left that was made since `mark`.
   * @throws Error with the places that made what is still alive after `withinMs`
   */
  async settled(withinMs = 20_000): Promise<void> {
    const end = performance.now() + withinMs;
    while (this.leaked().length > 0) {
      if (performance.now() > end) throw new Error(this.report());
      await turn();
    }
  }

  /** Where each of them was made. */
  private leaked(): string[] {
    return [...this.alive].filter(([id]) => !this.baseline.has(id)).map(([, stack]) => stack);
  }

  private report(): string {
    const leaked = this.leaked();
    const counts = new Map<string, number>();
    for (const stack of leaked) counts.set(stack, (counts.get(stack) ?? 0) + 1);
    const places = [...counts].map(([stack, count]) => `${count} x ${stack}`);
    return `${leaked.length} sockets and timers are still alive:\n${places.join('\n')}`;
  }
}

function lastAsyncId(): number {
  return new AsyncResource('ResourceLedger').asyncId();
}
