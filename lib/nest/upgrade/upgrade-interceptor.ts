/**
 * Takes the upgrades that are ours before any other listener of the HTTP server gets them: Nest's own
 * WebSocket adapter destroys sockets whose path it does not know. All others go on as if we were not here.
 */
import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import {
  endAnswered,
  hasPendingResponse,
  leaveToOthers,
  survive,
  watchResponses,
} from '../../transport/websocket/index.js';
import { interceptEvents } from '../intercept-events.js';
import { noteUpgraded } from '../shutdown/unused-connections.js';

/** @returns whether it was ours */
export type TakeUpgrade = (request: IncomingMessage, socket: Socket, head: Buffer) => boolean;

interface Interception {
  /** Asked in this order. */
  readonly takers: Set<TakeUpgrade>;
  readonly end: () => void;
}

/** One for each server: several would take each other for foreign listeners, and leave to them what is nobody's. */
const interceptions = new WeakMap<Server, Interception>();

/**
 * @param timeoutMs when a socket that nobody touched is closed; the first to intercept a server sets it
 * @returns a function that ends it
 */
export function interceptUpgrades(server: Server, take: TakeUpgrade, timeoutMs: number): () => void {
  const { takers, end } = interceptions.get(server) ?? intercept(server, timeoutMs);
  takers.add(take);
  return () => {
    if (takers.delete(take) && takers.size === 0) end();
  };
}

function intercept(server: Server, timeoutMs: number): Interception {
  const takers = new Set<TakeUpgrade>();
  const release = interceptEvents(server, (event, args) => {
    if (event !== 'upgrade') return false;
    const upgrade = args as Parameters<TakeUpgrade>;
    noteUpgraded(server, upgrade[1]);
    for (const take of takers) if (take(...upgrade)) return true;
    return false;
  });
  // Node emits upgrades only when somebody listens; this listener gets those that are nobody's, or others'
  const listener = (request: IncomingMessage, socket: Socket): void => {
    if (isPlainRequest(request) && server.listenerCount('upgrade') === 1)
      serveAsRequest(server, request, socket);
    else leaveToOthers(server, socket, timeoutMs);
  };
  const end = (): void => {
    interceptions.delete(server);
    server.removeListener('upgrade', listener);
    release();
  };
  watchResponses(server);
  server.on('upgrade', listener);
  const interception = { takers, end };
  interceptions.set(server, interception);
  return interception;
}

/** An offer to upgrade to something else (`curl --http2` makes one), which a server may ignore: RFC 9110 §7.8. */
function isPlainRequest({ headers }: IncomingMessage): boolean {
  const hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
  return !hasBody && !/\bwebsocket\b/i.test(headers.upgrade ?? 'websocket');
}

/** Without a listener Node would have done so itself. */
function serveAsRequest(server: Server, request: IncomingMessage, socket: Socket): void {
  survive(socket);
  if (hasPendingResponse(socket)) return void socket.destroy();
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => endSocket(response, socket));
  server.emit('request', request, response);
}

/** Closes behind an answer; Node leaves the socket of an upgrade to whoever took it. */
export function endSocket(response: ServerResponse, socket: Socket): void {
  response.detachSocket(socket);
  endAnswered(socket);
}
