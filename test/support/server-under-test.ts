/**
 * The server that the conformance and hostile suites run against: ours, or with SERVER_UNDER_TEST=ws the
 * one of `ws`. The second proves the suites themselves, and shows where the two differ.
 */
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server as HttpServer,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { duplexPair } from 'node:stream';
import type { WebSocket, WebSocketServer, WebSocketServerOptions } from 'nestwire/websocket';
import { RawPeer, type RawPeerOptions } from './raw-peer.js';
import type { RequestChanges } from './raw-peer-http.js';

const subject = process.env['SERVER_UNDER_TEST'] === 'ws' ? 'ws' : 'nestwire/websocket';
const { WebSocketServer: Server } = (await import(subject)) as {
  WebSocketServer: new (options: WebSocketServerOptions) => WebSocketServer;
};

export type ServerOptions = Omit<WebSocketServerOptions, 'port' | 'server' | 'noServer'>;

export type OnConnection = (socket: WebSocket, request: IncomingMessage) => void;

/** Sends every message back as it came. */
export const echo: OnConnection = (socket) => {
  socket.on('message', (data, isBinary) => socket.send(data as Buffer, { binary: isBinary }));
};

export class ServerUnderTest {
  /** Answers what is not an upgrade; a test may set its own. */
  onRequest: RequestListener = (_, response) => response.writeHead(404).end();
  private readonly sockets = new Set<Socket>();
  private readonly peers = new Set<RawPeer>();

  private constructor(
    readonly http: HttpServer,
    readonly websockets: WebSocketServer,
    onConnection: OnConnection,
  ) {
    http.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    websockets.on('connection', (socket, request) => {
      // A peer's mistake is told here, and must not go further
      socket.on('error', () => {});
      onConnection(socket, request);
    });
  }

  static async start(
    options: ServerOptions = {},
    onConnection: OnConnection = echo,
  ): Promise<ServerUnderTest> {
    const http = createServer((request, response) => server.onRequest(request, response));
    // a ping of the heartbeat's would be one answer too many in a suite that runs longer than its interval
    const websockets = new Server({ ...optionsFor(subject, { heartbeat: false, ...options }), server: http });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    const server = new ServerUnderTest(http, websockets, onConnection);
    return server;
  }

  get port(): number {
    return (this.http.address() as AddressInfo).port;
  }

  /** Sockets that the HTTP server accepted and that still live, upgraded or not. */
  get openSockets(): number {
    return this.sockets.size;
  }

  /** How much the server has read from each of them. */
  bytesRead(): number[] {
    return [...this.sockets].map((socket) => socket.bytesRead);
  }

  connect(options?: RawPeerOptions): Promise<RawPeer> {
    return this.keep(RawPeer.connect(this.port, options));
  }

  open(changes?: RequestChanges, options?: RawPeerOptions): Promise<RawPeer> {
    return this.keep(RawPeer.open(this.port, changes, options));
  }

  private async keep(opening: Promise<RawPeer>): Promise<RawPeer> {
    const peer = await opening;
    this.peers.add(peer);
    // what is over must not be taken for memory that the server holds
    peer.socket.once('close', () => this.peers.delete(peer));
    return peer;
  }

  /** A connection without a network: each piece written is exactly one chunk read on the other side. */
  async openInProcess(changes?: RequestChanges, options?: RawPeerOptions): Promise<RawPeer> {
    const [ours, theirs] = duplexPair();
    const asSocket = Object.assign(theirs, { setTimeout: () => theirs, setNoDelay: () => theirs });
    this.http.emit('connection', asSocket);
    const peer = new RawPeer(ours, options);
    const { status } = await peer.upgrade(changes);
    if (status !== 101) throw new Error(`refused with ${status}`);
    return peer;
  }

  async stop(): Promise<void> {
    this.websockets.close();
    for (const socket of this.websockets.clients) socket.terminate();
    for (const socket of this.sockets) socket.destroy();
    // those that don't read never see that, and would keep the process alive
    for (const peer of this.peers) peer.destroy();
    if (!this.http.listening) return;
    this.http.close();
    await once(this.http, 'close');
  }
}

/** `ws` with the limits that we have by default. */
function optionsFor(module: typeof subject, options: ServerOptions): ServerOptions {
  if (module !== 'ws') return options;
  const { closeTimeoutMs = 5_000, ...same } = options;
  const limits = {
    maxPayload: 256 * 1024,
    maxFragments: 1_024,
    maxBufferedChunks: 4_096,
    maxPendingAutoPongs: 16,
    closeTimeout: closeTimeoutMs,
  };
  return { ...limits, ...same };
}
