/**
 * Plain requests to gateways that come by another server than the application's own: by that of a port, by one of
 * `servers`, or from another node. The application's stack of middleware serves them too, where the same path may
 * be another gateway's: so each keeps the port that it is for.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { interceptEvents } from '../intercept-events.js';
import { isForGateway, isPreflightForGateway } from './session-request.js';

const ports = new WeakMap<IncomingMessage, number>();

/** The port of the gateways that a request is for; undefined: those of the application's own. */
export const portFor = (request: IncomingMessage): number | undefined => ports.get(request);

export interface RequestInlet {
  /** Of the gateways that are reached here. */
  readonly port: number | undefined;
  /** The server whose stack of middleware serves requests. */
  readonly stack: Server;
}

export function letIn(
  { port, stack }: RequestInlet,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (port !== undefined) ports.set(request, port);
  stack.emit('request', request, response);
}

/** What is reached by a URL. */
export interface ServedUrls {
  readonly isGateway: (url: string) => boolean;
  /** An `@SseEndpoint` of a gateway. */
  readonly isStream: (url: string) => boolean;
}

/**
 * Takes those of a server's requests that are for gateways, and leaves all others to its listeners.
 * @returns a function that ends it
 */
export function takeRequests(server: Server, inlet: RequestInlet, served: ServedUrls): () => void {
  return interceptEvents(server, (event, args) => {
    if (event !== 'request') return false;
    const [request, response] = args as [IncomingMessage, ServerResponse];
    const isOurs = request.httpVersionMajor === 1 && isServed(request, served);
    if (isOurs) letIn(inlet, request, response);
    return isOurs;
  });
}

function isServed(request: IncomingMessage, { isGateway, isStream }: ServedUrls): boolean {
  const { method, url = '' } = request;
  if (isForGateway(request) || isPreflightForGateway(request)) return isGateway(url);
  // a page may ask first here too: for `Last-Event-ID`, or a header with a token
  return (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') && isStream(url);
}
