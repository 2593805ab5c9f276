import { describe, expect, it } from '@jest/globals';
import {
  NEVER,
  type Observable,
  finalize,
  firstValueFrom,
  isObservable,
  of,
  repeat,
  take,
  throwError,
  toArray,
} from 'rxjs';
import { type StreamBinding, bindStream } from '../../../lib/nest/pipeline/bound-stream.js';
import { StartedStream, type StreamSource } from '../../../lib/session/index.js';

let depth = 0;

/** Tells whether it is called inside. */
const where = (): string => (depth > 0 ? 'inside' : 'outside');

const binding: StreamBinding = {
  inside: (act) => {
    depth++;
    try {
      return act();
    } finally {
      depth--;
    }
  },
  rethrow: (error) => Promise.reject(new Error(`explained: ${(error as Error).message}`)),
};

const observable = (source: StreamSource): Observable<unknown> => {
  const bound = bindStream(source, binding);
  if (!isObservable(bound)) throw new Error('no Observable');
  return bound;
};

describe('an Observable bound to its message', () => {
  it('is torn down inside when it is given up', () => {
    const torn: string[] = [];
    const subscription = observable(NEVER.pipe(finalize(() => torn.push(where())))).subscribe();
    subscription.unsubscribe();

    expect(torn).toEqual(['inside']);
  });

  it('stops a source that goes on emitting before it is subscribed', async () => {
    const endless = of(1).pipe(repeat());

    expect(await firstValueFrom(observable(endless).pipe(take(2), toArray()))).toEqual([1, 1]);
  });

  it('fails with what its error was explained as', async () => {
    const failing = observable(throwError(() => new Error('no')));

    await expect(firstValueFrom(failing)).rejects.toThrow('explained: no');
  });

  it('can be abandoned when it runs already', () => {
    const abandoned: string[] = [];
    const bound = bindStream(
      new StartedStream(
        () => undefined,
        () => abandoned.push(where()),
      ),
      binding,
    );
    (bound as StartedStream).abandon();

    expect(abandoned).toEqual(['inside']);
  });
});

describe('an AsyncIterable bound to its message', () => {
  class Source implements AsyncIterableIterator<string> {
    readonly calls: string[] = [];

    [Symbol.asyncIterator](): this {
      this.calls.push(`begun ${where()}`);
      return this;
    }

    next(): Promise<IteratorResult<string>> {
      if (this.calls.length > 2) return Promise.reject(new Error('no'));
      this.calls.push(`pulled ${where()}`);
      return Promise.resolve({ done: false, value: 'item' });
    }

    return(): Promise<IteratorResult<string>> {
      this.calls.push(`ended ${where()}`);
      return Promise.resolve({ done: true, value: undefined });
    }
  }

  const read = (source: StreamSource): AsyncIterator<unknown> =>
    (bindStream(source, binding) as AsyncIterable<unknown>)[Symbol.asyncIterator]();

  it('is pulled and ended inside', async () => {
    const source = new Source();
    const iterator = read(source);
    expect(await iterator.next()).toEqual({ done: false, value: 'item' });
    await iterator.return?.();

    expect(source.calls).toEqual(['begun inside', 'pulled inside', 'ended inside']);
  });

  it('fails with what its error was explained as', async () => {
    const iterator = read(new Source());
    await iterator.next();
    await iterator.next();

    await expect(iterator.next()).rejects.toThrow('explained: no');
  });

  it('need not be one that can be ended', async () => {
    const iterator = read({
      [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true, value: 1 }) }),
    });

    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
  });
});
