/** The HTTP server of gateways that have a port of their own: the application's other routes are not there. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createUpgradeOnlyServer } from '../../transport/websocket/index.js';
import { endConnections } from '../shutdown/end-connections.js';
import { UnusedConnections } from '../shutdown/unused-connections.js';

export class OwnServer {
  readonly server: Server;
  private readonly unused: UnusedConnections;

  /** @param handshakeMs time a client has for its request */
  constructor(
    private readonly port: number,
    handshakeMs: number,
  ) {
    this.server = createUpgradeOnlyServer(handshakeMs);
    this.unused = new UnusedConnections(this.server);
  }

  /** @returns the port that it listens on. Rejects when it is taken */
  async listen(): Promise<number> {
    this.server.listen(this.port);
    await once(this.server, 'listening');
    return (this.server.address() as AddressInfo).port;
  }

  /**
   * The sessions of its clients are to be closed before.
   * @param withinMs how long answers that are on their way may take
   */
  async close(withinMs: number): Promise<void> {
    const { server, unused } = this;
    if (!server.listening) return unused.stop();
    const closed = once(server, 'close');
    server.close();
    endConnections(server, unused, withinMs);
    await closed;
  }
}
