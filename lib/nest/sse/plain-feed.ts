import { NotAcceptableException } from '@nestjs/common';
import { Observable } from 'rxjs';
import { type StreamSource, discard, readStream } from '../../session/index.js';
import { logError } from '../pipeline/explain.js';
import type { Exchange } from './exchange.js';

/**
 * A stream without cursors: one run for one client.
 * @throws NotAcceptableException to polls, which need to come back where they were
 */
export function feedPlain(exchange: Exchange, source: StreamSource): Observable<unknown> {
  if (exchange.request.form === 'json') {
    discard(source);
    throw new NotAcceptableException('this stream cannot be polled: it is text/event-stream only');
  }
  return new Observable((subscriber) => {
    exchange.answer.opened({});
    const sink = {
      item: (value: unknown) => exchange.emit(subscriber, value),
      completed: () => subscriber.complete(),
      failed: (error: unknown) => subscriber.error(error),
    };
    const reader = readStream(source, sink, exchange.outbound, (error) =>
      logError(error, 'the teardown of an event stream'),
    );
    reader.start();
    return () => reader.stop();
  });
}
