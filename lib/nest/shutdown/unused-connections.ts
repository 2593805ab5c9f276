/**
 * Connections of an HTTP server that have not carried anything. `server.close()` waits for them, and by then
 * Node has switched off its limit on the time until a first request: without us, one that stays silent would keep
 * an application from closing for ever.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

const watched = new WeakMap<Server, UnusedConnections>();

/** An upgrade was taken, of which a server tells nobody by `request`. */
export function noteUpgraded(server: Server, socket: Socket): void {
  watched.get(server)?.forget(socket);
}

export class UnusedConnections {
  private readonly sockets = new Set<Socket>();
  /** One function for all sockets: a connection that is idle for long must not cost more by us. */
  private readonly onClose: (this: Socket) => void;
  private readonly onConnection = (socket: Socket): void => this.add(socket);
  private readonly onRequest = ({ socket }: IncomingMessage): void => this.forget(socket);

  constructor(private readonly server: Server) {
    const { sockets } = this;
    this.onClose = function () {
      sockets.delete(this);
    };
    watched.set(server, this);
    server.on('connection', this.onConnection);
    server.on('request', this.onRequest);
  }

  private add(socket: Socket): void {
    this.sockets.add(socket);
    socket.once('close', this.onClose);
  }

  forget(socket: Socket): void {
    if (this.sockets.delete(socket)) socket.removeListener('close', this.onClose);
  }

  /** Those that have brought a byte may be others' upgrades, or within TLS. */
  destroySilent(): void {
    for (const socket of this.sockets) if (socket.bytesRead === 0) socket.destroy();
  }

  stop(): void {
    watched.delete(this.server);
    this.server.removeListener('connection', this.onConnection);
    this.server.removeListener('request', this.onRequest);
  }
}
