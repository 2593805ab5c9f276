/** An HTTP server for WebSockets alone: to other requests it answers 426. */
import { type Server, STATUS_CODES, createServer } from 'node:http';
import { answerAndClose } from '../unread-body.js';

const ANSWER = {
  status: 426,
  headers: { 'Content-Type': 'text/plain', Upgrade: 'websocket' },
  body: STATUS_CODES[426]!,
};

/** @param handshakeTimeoutMs how long the head of a request may take to arrive */
export function createUpgradeOnlyServer(handshakeTimeoutMs: number): Server {
  const times = {
    headersTimeout: handshakeTimeoutMs,
    requestTimeout: handshakeTimeoutMs,
    connectionsCheckingInterval: Math.min(handshakeTimeoutMs, 1_000),
  };
  return createServer(times, (request, response) => answerAndClose(request, response, ANSWER));
}
