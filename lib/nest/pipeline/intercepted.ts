/**
 * Interceptors turn every result into an Observable, which runs the handler when it is subscribed. This finds
 * out what the handler itself meant: a stream, or one value, which then is the last that they let through.
 */
import { Observable, type Subscriber, type Subscription, isObservable } from 'rxjs';
import { StartedStream, isStream } from '../../session/index.js';
import type { Call } from './arguments.js';
import type { Method } from './handler-source.js';

/** Wraps a handler so that it notes in its `Call`, the last argument, that it answered with a stream. */
export function noteStreams(method: Method): Method {
  return function (this: object, ...args: unknown[]): unknown {
    const call = args.pop() as Call;
    const result = method.apply(this, args);
    return result instanceof Promise ? result.then((value) => note(value, call)) : note(result, call);
  };
}

function note(result: unknown, call: Call): unknown {
  if (!isStream(result)) return result;
  call.onStream?.();
  return isObservable(result) ? result : fromIterable(result);
}

/** Unlike that of RxJS it ends the iterator when it is unsubscribed, not with the next item. */
function fromIterable(source: AsyncIterable<unknown>): Observable<unknown> {
  return new Observable((subscriber) => {
    const iterator = source[Symbol.asyncIterator]();
    pull(iterator, subscriber).catch((error: unknown) => subscriber.error(error));
    return () => void iterator.return?.().catch(() => undefined);
  });
}

async function pull(
  iterator: AsyncIterator<unknown, unknown>,
  subscriber: Subscriber<unknown>,
): Promise<void> {
  while (!subscriber.closed) {
    const result = await iterator.next();
    if (result.done === true) return subscriber.complete();
    subscriber.next(result.value);
  }
}

/** @returns the stream as soon as the handler has answered with one, else the last value at the end */
export function readIntercepted(source: Observable<unknown>, call: Call): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const relay = new Relay();
    let last: unknown;
    call.onStream = () => resolve(relay.output);
    relay.source = source.subscribe({
      next: (value) => {
        last = value;
        relay.pass((to) => to.next(value));
      },
      error: (error: unknown) => {
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever was thrown
        reject(error); // does nothing to a promise that the stream has resolved
        relay.pass((to) => to.error(error));
      },
      complete: () => {
        resolve(last);
        relay.pass((to) => to.complete());
      },
    });
  });
}

type Notify = (to: Subscriber<unknown>) => void;

/** Holds what comes before there is somebody to give it to. */
class Relay {
  source: Subscription | undefined;
  private early: Notify[] = [];
  private to: Subscriber<unknown> | undefined;

  readonly output = new StartedStream(
    (subscriber) => {
      this.to = subscriber;
      for (const notify of this.early) notify(subscriber);
      this.early = [];
      return () => this.abandon();
    },
    () => this.abandon(),
  );

  pass(notify: Notify): void {
    if (this.to) notify(this.to);
    else this.early.push(notify);
  }

  private abandon(): void {
    this.source?.unsubscribe();
    this.early = [];
  }
}
