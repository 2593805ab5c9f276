/**
 * Upgrades behind an unanswered request. A client may pipeline a GET and an upgrade; Node then tells of the
 * upgrade while the GET's answer is still to come, and that answer would end up inside the frames. So we
 * note the last response of each socket and refuse an upgrade that has one before it.
 */
import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

const lastResponse = new WeakMap<Duplex, ServerResponse>();
const watched = new WeakSet<HttpServer>();

/** Begins to note the responses of a server; once is enough, more does nothing. */
export function watchResponses(server: HttpServer): void {
  if (watched.has(server)) return;
  watched.add(server);
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    lastResponse.set(request.socket, response);
  });
}

/** The socket carries no HTTP any more: its last response need not be kept as long as it lives. */
export function forgetResponses(socket: Duplex): void {
  lastResponse.delete(socket);
}

/** Whether bytes of an HTTP response may still be written to this socket. */
export function hasPendingResponse(socket: Duplex): boolean {
  const response = lastResponse.get(socket);
  return response !== undefined && !response.writableFinished;
}
