/** `nestwire/client` on Node: connections are made with the core of this package, which Node 20 lacks. */
import type { AnyProtocol } from '../../protocol/index.js';
import { WebSocket } from '../../transport/websocket/index.js';
import type { Client } from '../client.js';
import type { ConnectOptions } from '../client-options.js';
import { connect as connectWith } from '../connect.js';

export * from '../index.js';

/** As in a browser, but that the default of `WebSocket` is the one of `nestwire/websocket`. */
export function connect<P extends AnyProtocol = AnyProtocol>(
  url: string | URL,
  options: ConnectOptions<P> = {},
): Client<P> {
  return connectWith<P>(url, { WebSocket, ...options });
}
