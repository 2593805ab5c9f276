/** What HTTP/1.1 and the compatibility API of HTTP/2 have in common. */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import type { Readable, Writable } from 'node:stream';

export interface HttpRequest extends Readable {
  readonly headers: IncomingHttpHeaders;
  readonly url?: string | undefined;
  readonly method?: string | undefined;
  readonly socket: { end(): unknown };
}

export interface HttpResponse extends Writable {
  readonly headersSent: boolean;
  statusCode: number;
  /** HTTP/2 only. */
  readonly stream?: { close(): unknown; destroy(): unknown };
  setHeader(name: string, value: string): unknown;
  getHeader(name: string): OutgoingHttpHeaders[string];
  writeHead(status: number, headers: OutgoingHttpHeaders): unknown;
}

/** Calls back once when the exchange is over, by its end or by the client's leaving. */
export function whenClosed(request: HttpRequest, response: HttpResponse, closed: () => void): () => void {
  const emitters = [
    [response, 'close'],
    // after a reset of a stalled HTTP/2 stream there is no `close`, but this
    [request, 'aborted'],
  ] as const;
  const stop = (): void => {
    for (const [emitter, event] of emitters) emitter.off(event, once);
  };
  const once = (): void => {
    stop();
    closed();
  };
  for (const [emitter, event] of emitters) emitter.on(event, once);
  return stop;
}

/**
 * Nothing follows this answer on its connection. A client that a server told to come back elsewhere would come to
 * the same one by a connection that it kept, whatever a balancer knows. RFC 9112 §9.6; HTTP/2 has GOAWAY for it.
 */
export function endConnectionAfter(request: HttpRequest, response: HttpResponse): void {
  if (response.stream) return;
  if (response.headersSent) response.once('finish', () => request.socket.end());
  else response.setHeader('Connection', 'close');
}

/** Adds the fields that an answer depends on to those that it depends on already. */
export function mergeVary(present: OutgoingHttpHeaders[string], fields: readonly string[]): string {
  const known = [present ?? []]
    .flat()
    .join(', ')
    .split(/\s*,\s*/)
    .filter(Boolean);
  if (known.includes('*')) return '*';
  const names = new Set(known.map((name) => name.toLowerCase()));
  return [...known, ...fields.filter((name) => !names.has(name.toLowerCase()))].join(', ');
}
