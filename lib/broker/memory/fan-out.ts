import { guarded } from '../guarded.js';

/** Delivers an item to all before the next, although one of them may bring about the next in between. */
export class FanOut<T> {
  readonly subscribers = new Set<(item: T) => void>();
  private queue: T[] | undefined;

  deliver(item: T): void {
    if (this.queue) {
      this.queue.push(item);
      return;
    }
    this.queue = [item];
    // grows while it is walked through
    for (const next of this.queue) for (const deliver of this.subscribers) guarded(() => deliver(next));
    this.queue = undefined;
  }
}
