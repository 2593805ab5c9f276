/** An HTTP server for WebSockets alone: to other requests it answers 426. */
import { type Server, STATUS_CODES, createServer } from 'node:http';

/** @param handshakeTimeoutMs how long the head of a request may take to arrive */
export function createUpgradeOnlyServer(handshakeTimeoutMs: number): Server {
  return createServer(
    {
      headersTimeout: handshakeTimeoutMs,
      requestTimeout: handshakeTimeoutMs,
      connectionsCheckingInterval: 1_000,
    },
    (_request, response) => {
      response.writeHead(426, { 'Content-Type': 'text/plain', Upgrade: 'websocket', Connection: 'close' });
      response.end(STATUS_CODES[426]);
    },
  );
}
