import { isPromise } from 'node:util/types';
import type { Observable } from 'rxjs';

/** From what a handler returned to its results. */
export type Transform = (result: unknown) => Observable<unknown>;

/** A handler, as Nest has bound it to a client. */
export type Callback = (data: unknown, event: unknown) => unknown;

/** A handler for one event of one client. Knows how many of its runs have not ended. */
export class Subscriber {
  /** A stream counts until it was returned. */
  running = 0;
  /** One for all runs: no closure a message. */
  private readonly onSettled = (): void => {
    this.running--;
    this.settled();
  };

  /** @param settled called when a run has ended, before its result is there */
  constructor(
    private readonly callback: Callback,
    private readonly transform: Transform,
    private readonly settled: () => void,
  ) {}

  run(data: unknown, event: unknown): Observable<unknown> {
    const result = this.callback(data, event);
    if (isPromise(result)) {
      this.running++;
      result.then(this.onSettled, this.onSettled);
    }
    return this.transform(result);
  }
}
