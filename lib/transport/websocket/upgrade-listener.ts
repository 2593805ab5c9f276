/**
 * Sharing an HTTP server's upgrades. Node hands each upgrade to all listeners: who does not know the path
 * must leave the socket alone when others are there, and still nobody may forget it.
 */
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { HandshakeError } from '../../protocol/websocket/index.js';
import { watchResponses } from './pending-responses.js';
import { asSocket, refuseUpgrade, survive } from './upgrade.js';

export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/**
 * Handles the upgrades of `server` for which `isOurs` holds.
 * @param timeoutMs when a socket that nobody touched is closed
 * @returns a function that ends it
 */
export function listenForUpgrades(
  server: HttpServer,
  isOurs: (request: IncomingMessage) => boolean,
  handle: UpgradeHandler,
  timeoutMs: number,
): () => void {
  watchResponses(server);
  const listener: UpgradeHandler = (request, socket, head) => {
    if (isOurs(request)) return handle(request, socket, head);
    leaveToOthers(server, socket, timeoutMs);
  };
  server.on('upgrade', listener);
  return () => server.removeListener('upgrade', listener);
}

/** 404 when we are the only listener; else nothing, until the time in which others would have touched it. */
export function leaveToOthers(server: HttpServer, socket: Duplex, timeoutMs: number): void {
  survive(socket);
  if (server.listenerCount('upgrade') === 1) {
    refuseUpgrade(socket, new HandshakeError(404, 'nothing is served here'));
    return;
  }
  const net = asSocket(socket);
  const written = net.bytesWritten;
  const timer = setTimeout(() => {
    if (net.bytesWritten === written && net.listenerCount('data') === 0) net.destroy();
  }, timeoutMs);
  net.once('close', () => clearTimeout(timer));
}
