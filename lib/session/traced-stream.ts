/** A handler's stream with a span of its own, which begins when somebody reads it. */
import { Observable, isObservable, tap } from 'rxjs';
import type { StreamSpan } from '../diagnostics/tracing.js';
import { StartedStream, type StreamSource } from './result.js';

export function tracedStream(source: StreamSource, begin: () => StreamSpan): StreamSource {
  if (!isObservable(source)) return tracedIterable(source, begin);
  const traced = tracedObservable(source, begin);
  if (!(source instanceof StartedStream)) return traced;
  return new StartedStream((subscriber) => traced.subscribe(subscriber), source.abandon);
}

function tracedObservable(source: Observable<unknown>, begin: () => StreamSpan): Observable<unknown> {
  return new Observable((subscriber) => {
    const span = begin();
    let items = 0;
    const counted = source.pipe(
      tap({
        next: () => {
          items++;
        },
        error: (error: unknown) => span.fail(error, items),
        complete: () => span.end('completed', items),
        unsubscribe: () => span.end('stopped', items),
      }),
    );
    return span.run(() => counted.subscribe(subscriber));
  });
}

/** By hand: a generator would let go of its source only when that has come to its next item. */
function tracedIterable(source: AsyncIterable<unknown>, begin: () => StreamSpan): AsyncIterable<unknown> {
  return {
    [Symbol.asyncIterator]: () => {
      const iterator = source[Symbol.asyncIterator]();
      let span: StreamSpan | undefined;
      let items = 0;
      return {
        next: async () => {
          span ??= begin();
          try {
            const result = await span.run(() => iterator.next());
            if (result.done) span.end('completed', items);
            else items++;
            return result;
          } catch (error) {
            span.fail(error, items);
            throw error;
          }
        },
        return: async () => {
          span?.end('stopped', items);
          return (await iterator.return?.()) ?? { done: true, value: undefined };
        },
      };
    },
  };
}
