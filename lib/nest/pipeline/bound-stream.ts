/**
 * Keeps a stream within the context of the message that it answers: a session reads and ends it later, from
 * wherever it happens to be.
 */
import { Observable, Subject, catchError, from, isObservable, takeUntil } from 'rxjs';
import { StartedStream, type StreamSource } from '../../session/index.js';

export interface StreamBinding {
  /** Calls within the context of the message. */
  readonly inside: <T>(act: () => T) => T;
  /** Rejects with what the failure of the stream becomes. */
  readonly rethrow: (error: unknown) => Promise<never>;
}

export function bindStream(source: StreamSource, binding: StreamBinding): StreamSource {
  if (!isObservable(source)) return new BoundIterable(source, binding);
  const bound = bindObservable(source, binding);
  if (!(source instanceof StartedStream)) return bound;
  return new StartedStream(
    (subscriber) => bound.subscribe(subscriber),
    () => binding.inside(() => source.abandon()),
  );
}

function bindObservable(
  source: Observable<unknown>,
  { inside, rethrow }: StreamBinding,
): Observable<unknown> {
  return new Observable((subscriber) => {
    const stop = new Subject<void>();
    const explained = source.pipe(
      takeUntil(stop),
      catchError((error: unknown) => from(inside(() => rethrow(error)))),
    );
    // before the subscription's own, so that the source is torn down inside
    subscriber.add(() => inside(() => stop.next()));
    inside(() => explained.subscribe(subscriber));
  });
}

class BoundIterable implements AsyncIterable<unknown> {
  constructor(
    private readonly source: AsyncIterable<unknown>,
    private readonly binding: StreamBinding,
  ) {}

  [Symbol.asyncIterator](): AsyncIterator<unknown> {
    const { inside, rethrow } = this.binding;
    const iterator = inside(() => this.source[Symbol.asyncIterator]());
    return {
      next: () => inside(() => Promise.resolve(iterator.next()).catch(rethrow)),
      return: () => inside(() => iterator.return?.() ?? Promise.resolve(DONE)),
    };
  }
}

const DONE: IteratorResult<unknown> = { done: true, value: undefined };
