/** One HTTP server and the WebSocket servers on its paths. */
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import {
  HandshakeError,
  type WebSocketServer,
  pathOf,
  refuseUpgrade,
  survive,
} from '../../transport/websocket/index.js';
import { PathPattern } from '../gateway/path-pattern.js';
import { interceptUpgrades } from '../upgrade/upgrade-interceptor.js';

interface Place {
  /** Undefined: every path that is no other's. */
  readonly pattern: PathPattern | undefined;
  readonly server: WebSocketServer;
}

interface Match {
  readonly server: WebSocketServer;
  readonly params: Readonly<Record<string, string>>;
}

const STARTING = new HandshakeError(503, 'the application is starting', { 'Retry-After': '1' });

export class SharedPort {
  /** The most special path first. */
  private readonly places: Place[] = [];
  private readonly stopListening: () => void;

  /**
   * @param isReady false while the application starts: clients are refused with 503
   * @param timeoutMs when the socket of an upgrade that nobody takes is closed
   */
  constructor(
    private readonly httpServer: Server,
    private readonly isReady: () => boolean,
    timeoutMs: number,
  ) {
    this.stopListening = interceptUpgrades(
      httpServer,
      (request, socket, head) => this.take(request, socket, head),
      timeoutMs,
    );
  }

  serverOf(path: string | undefined): WebSocketServer | undefined {
    const wanted = path === undefined ? undefined : normalized(path);
    return this.places.find(({ pattern }) => pattern?.path === wanted)?.server;
  }

  /**
   * Serves a path that is not served yet; undefined: every path that is no other's.
   * @throws InvalidGatewayError for a path that is neither fixed nor a pattern
   */
  add(path: string | undefined, server: WebSocketServer): void {
    const pattern = path === undefined ? undefined : new PathPattern(normalized(path));
    this.places.push({ pattern, server });
    this.places.sort(bySpeciality);
  }

  private take(request: IncomingMessage, socket: Socket, head: Buffer): boolean {
    const match = this.match(pathOf(request.url ?? ''));
    if (match === undefined) return false;
    if (!this.isReady()) {
      survive(socket);
      refuseUpgrade(socket, STARTING);
      return true;
    }
    const { server, params } = match;
    Object.assign(request, { params });
    server.handleUpgrade(request, socket, head, (client) => server.emit('connection', client, request));
    return true;
  }

  private match(path: string): Match | undefined {
    for (const { pattern, server } of this.places) {
      const params = pattern ? pattern.match(path) : {};
      if (params) return { server, params };
    }
    return undefined;
  }

  /** Leaves the HTTP server. */
  leave(): void {
    this.stopListening();
  }

  /** Closes the HTTP server: one of the adapter's own. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.httpServer.close(() => resolve());
      this.httpServer.closeAllConnections();
    });
  }
}

const normalized = (path: string): string =>
  `/${path
    .split('/')
    .filter((text) => text !== '')
    .join('/')}`;

function bySpeciality(a: Place, b: Place): number {
  if (a.pattern && b.pattern) return a.pattern.compare(b.pattern);
  return a.pattern ? -1 : 1;
}
