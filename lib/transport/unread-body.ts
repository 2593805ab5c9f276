/**
 * Answers that are given before the body of their request has come.
 *
 * A socket that is closed with bytes unread resets its connection, and the reset may overtake the answer: the
 * client hears of a broken connection, and behind a proxy of a 502. So the answer goes out whole, with its length,
 * and the connection ends only when the rest of the body has come and was thrown away, within bounds.
 * RFC 9112 §9.6
 */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { finished } from 'node:stream';

/** Of a body, thrown away as they come. Who sends more has his connection reset. */
export const MAX_DISCARDED_BYTES = 16 * 1024 * 1024;
/** For all of it, unless its server has another limit on how long it waits for a client that is to leave. */
export const MAX_DISCARDING_MS = 5_000;

export interface ShortAnswer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string;
}

/** Over HTTP/1: the client reads all of the answer, whether or not it sends the rest of its request. */
export function answerAndClose(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: ShortAnswer,
  maxMs = MAX_DISCARDING_MS,
): void {
  response.writeHead(status, { ...headers, Connection: 'close', 'Content-Length': Buffer.byteLength(body) });
  response.write(body);
  closeAfterBody(request, response, maxMs);
}

/** Behind an answer that was written, but not ended, and said `Connection: close`. */
export function closeAfterBody(
  request: IncomingMessage,
  response: ServerResponse,
  maxMs = MAX_DISCARDING_MS,
): void {
  let left = MAX_DISCARDED_BYTES;
  const discard = ({ length }: Buffer): void => {
    left -= length;
    if (left < 0) close();
  };
  const close = (): void => {
    clearTimeout(timer);
    unwatch();
    request.off('data', discard).pause();
    if (!response.destroyed) response.end();
  };
  const timer = setTimeout(close, maxMs);
  const unwatch = finished(request, { writable: false }, close);
  request.unpipe().on('data', discard).resume();
}
