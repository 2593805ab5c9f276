/**
 * Bounds how long an HTTP server takes to close. Node ends the connections that are idle when it is closed; it
 * waits for those that never carried a request, and, for as long as they might be kept, for those that become
 * idle later.
 */
import type { Server } from 'node:http';
import { Logger } from '@nestjs/common';
import type { UnusedConnections } from './unused-connections.js';

/** How often it is looked whether somebody has closed the server: there is no event for that. */
const LOOK_MS = 50;

const logger = new Logger('Nestwire');

/**
 * From when the server is closed, now or later, to its end.
 * @param withinMs what requests are left with; then all connections are closed
 */
export function endConnections(server: Server, unused: UnusedConnections, withinMs: number): void {
  const looking = setInterval(() => {
    if (server.listening) return; // others may still be in their hooks, and new clients come
    unused.destroySilent();
    // HTTP/2 has its own
    if ('closeIdleConnections' in server) server.closeIdleConnections();
  }, LOOK_MS).unref();
  const ending = setTimeout(() => closeAll(server), withinMs).unref();
  server.once('close', () => {
    clearInterval(looking);
    clearTimeout(ending);
    unused.stop();
  });
}

function closeAll(server: Server): void {
  if (!('closeAllConnections' in server)) return;
  logger.warn('the time of the shutdown is over: closing the connections that requests are left on');
  server.closeAllConnections();
}
