/** Telling apart what a handler may return. */
import { Observable, type Subscriber, type TeardownLogic, isObservable } from 'rxjs';

export type StreamSource = Observable<unknown> | AsyncIterable<unknown>;

/** An Observable whose source runs already, whether or not somebody subscribes. */
export class StartedStream extends Observable<unknown> {
  /** @param abandon ends the source when nobody will subscribe */
  constructor(
    subscribe: (subscriber: Subscriber<unknown>) => TeardownLogic,
    readonly abandon: () => void,
  ) {
    super(subscribe);
  }
}

export function isThenable(result: unknown): result is PromiseLike<unknown> {
  return isObject(result) && typeof (result as Partial<PromiseLike<unknown>>).then === 'function';
}

export function isStream(result: unknown): result is StreamSource {
  return isObject(result) && (Symbol.asyncIterator in result || isObservable(result));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Lets go of a stream that nobody will read: an iterator may hold resources already, an Observable does not. */
export function discard(result: unknown): void {
  if (result instanceof StartedStream) return result.abandon();
  if (!isStream(result) || isObservable(result)) return;
  const iterator = result[Symbol.asyncIterator]();
  iterator.return?.().then(undefined, () => undefined);
}
