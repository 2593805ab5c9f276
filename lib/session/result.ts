/** Telling apart what a handler may return. */
import { type Observable, isObservable } from 'rxjs';

export type StreamSource = Observable<unknown> | AsyncIterable<unknown>;

export function isThenable(result: unknown): result is PromiseLike<unknown> {
  return isObject(result) && typeof (result as Partial<PromiseLike<unknown>>).then === 'function';
}

export function isStream(result: unknown): result is StreamSource {
  return isObject(result) && (Symbol.asyncIterator in result || isObservable(result));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** A stream that nobody will read: an iterator may hold resources already, an Observable holds none. */
export function discard(result: unknown): void {
  if (!isStream(result) || isObservable(result)) return;
  const iterator = result[Symbol.asyncIterator]();
  iterator.return?.().then(undefined, () => undefined);
}
