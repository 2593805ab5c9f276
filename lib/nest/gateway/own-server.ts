/** The HTTP server of gateways that have a port of their own. */
import { once } from 'node:events';
import { STATUS_CODES, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export class OwnServer {
  readonly server: Server;

  /** @param handshakeMs time a client has for its request */
  constructor(
    private readonly port: number,
    handshakeMs: number,
  ) {
    const times = {
      headersTimeout: handshakeMs,
      requestTimeout: handshakeMs,
      connectionsCheckingInterval: Math.min(handshakeMs, 1_000),
    };
    this.server = createServer(times, (_request, response) => refuse(response));
  }

  /** @returns the port that it listens on. Rejects when it is taken */
  async listen(): Promise<number> {
    this.server.listen(this.port);
    await once(this.server, 'listening');
    return (this.server.address() as AddressInfo).port;
  }

  /** The sessions of its clients are to be closed before. */
  async close(): Promise<void> {
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}

/** There is nothing here but gateways: the application's routes are on its own port. */
function refuse(response: ServerResponse): void {
  response.writeHead(426, { 'Content-Type': 'text/plain', Upgrade: 'websocket', Connection: 'close' });
  response.end(STATUS_CODES[426]);
}
