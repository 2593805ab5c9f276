/** The HTTP server of gateways that have a port of their own: the application's routes are on another. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createUpgradeOnlyServer } from '../../transport/websocket/index.js';

export class OwnServer {
  readonly server: Server;

  /** @param handshakeMs time a client has for its request */
  constructor(
    private readonly port: number,
    handshakeMs: number,
  ) {
    this.server = createUpgradeOnlyServer(handshakeMs);
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
