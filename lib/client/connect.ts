import type { AnyProtocol } from '../protocol/index.js';
import { Client } from './client.js';
import { type ConnectOptions, resolveOptions } from './client-options.js';
import { Conversation } from './conversation.js';
import { InvalidClientOptionError } from './errors.js';
import { FallBack } from './fall-back.js';
import { Link } from './link.js';
import { eventStreamTransport } from './transport/event-stream.js';
import { longPollingTransport, shortPollingTransport } from './transport/polling.js';
import type { OpenTransport, TransportKind } from './transport/transport.js';
import { type WebSocketClass, webSocketTransport } from './transport/web-socket.js';

/**
 * Connects to a gateway, and stays connected: see `Client`.
 * @param url where the gateway is: `ws:`, `wss:`, `http:` or `https:`; in a page also relative to it
 * @throws InvalidClientOptionError
 */
export function connect<P extends AnyProtocol = AnyProtocol>(
  url: string | URL,
  options: ConnectOptions<P> = {},
): Client<P> {
  const settings = resolveOptions(options);
  const conversation = new Conversation(settings);
  const fallBack = new FallBack(transportsFor(options));
  return new Client<P>(conversation, new Link(addressOf(url), fallBack, conversation, settings), settings);
}

const DEFAULT_TRANSPORTS: readonly TransportKind[] = ['websocket', 'event-stream', 'long-polling'];

function transportsFor(options: ConnectOptions): OpenTransport[] {
  const { resumable = true, transports = resumable ? DEFAULT_TRANSPORTS : ['websocket'] } = options;
  if (transports.length === 0) throw new InvalidClientOptionError('transports must name at least one');
  if (!resumable && transports.some((kind) => kind !== 'websocket')) {
    throw new InvalidClientOptionError('only websocket can carry a session that is not resumable');
  }
  const isOnly = transports.length === 1;
  const openers = transports
    .map((kind) => openerOf(kind, isOnly, options))
    .filter((opener) => opener !== undefined);
  if (openers.length > 0) return openers;
  throw new InvalidClientOptionError('this platform has no WebSocket: give the option "WebSocket"');
}

/** @returns undefined where the platform has no such transport */
function openerOf(kind: TransportKind, isOnly: boolean, options: ConnectOptions): OpenTransport | undefined {
  const { WebSocket = platformWebSocket(), fetch, polling = {} } = options;
  // a page's `fetch` works on its window only
  const fetchWith = fetch ?? ((input, init) => globalThis.fetch(input, init));
  switch (kind) {
    case 'websocket':
      return WebSocket && webSocketTransport(WebSocket, isOnly);
    case 'event-stream':
      return eventStreamTransport(fetchWith);
    case 'long-polling':
      return longPollingTransport(fetchWith);
    case 'short-polling':
      return shortPollingTransport(fetchWith, polling);
    default:
      throw new InvalidClientOptionError(`there is no transport "${String(kind)}"`);
  }
}

/** Some Nodes and embedded browsers have none. */
function platformWebSocket(): WebSocketClass | undefined {
  return (globalThis as { WebSocket?: WebSocketClass }).WebSocket;
}

function addressOf(url: string | URL): URL {
  const { location } = globalThis as { location?: { href: string } };
  const address = new URL(url, location?.href);
  if (/^(ws|http)s?:$/.test(address.protocol)) return address;
  throw new InvalidClientOptionError(`${address.protocol} is neither ws:, wss:, http: nor https:`);
}
