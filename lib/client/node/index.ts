/** `nestwire/client` on Node: connections are made with the core of this package, which Node 20 lacks. */
import type { AnyProtocol } from '../../protocol/index.js';
import { WebSocket } from '../../transport/websocket/index.js';
import type { Client } from '../client.js';
import type { ConnectOptions } from '../client-options.js';
import { connect as connectWith } from '../connect.js';

export * from '../index.js';

/** As much as of an event stream: a server bounds what it sends by itself, and a page would take it too. */
const MAX_MESSAGE_BYTES = 2 ** 26;

/** Without the limits of a server: it is the application that sends, and `maxQueued` bounds how much. */
class ClientWebSocket extends WebSocket {
  constructor(url: string, protocols: string[] = []) {
    super(url, protocols, { maxPayload: MAX_MESSAGE_BYTES, maxOutboundBytes: Infinity });
  }
}

/** As in a browser, but that the default of `WebSocket` is the one of `nestwire/websocket`. */
export function connect<P extends AnyProtocol = AnyProtocol>(
  url: string | URL,
  options: ConnectOptions<P> = {},
): Client<P> {
  return connectWith<P>(url, { WebSocket: ClientWebSocket, ...options });
}
