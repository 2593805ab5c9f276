/** A server made of nothing but sockets, and our client connecting to it. */
import { once } from 'node:events';
import { type Server, type Socket, createServer } from 'node:net';
import { type ClientOptions, WebSocket } from 'nestwire/websocket';
import { RawPeer, type RawPeerOptions } from './raw-peer.js';
import { type RawRequest, type ResponseChanges, upgradeResponse } from './raw-peer-http.js';

/** Both ends of a connection. */
export interface Pair {
  readonly client: WebSocket;
  /** The server's end. */
  readonly peer: RawPeer;
  readonly request: RawRequest;
}

export class RawServer {
  private readonly sockets = new Set<Socket>();
  private readonly server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    socket.on('error', () => {});
  });

  async start(): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  get openSockets(): number {
    return this.sockets.size;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.server.address() as { port: number }).port}`;
  }

  /** The next connection that is accepted. */
  async accept(options: RawPeerOptions = {}): Promise<RawPeer> {
    const [socket] = (await once(this.server, 'connection')) as [Socket];
    return new RawPeer(socket, { role: 'server', ...options });
  }

  /** Connects a client and reads its request; what is answered is up to the test. */
  async ask(
    protocols: readonly string[] = [],
    options: ClientOptions = {},
    peerOptions?: RawPeerOptions,
    path = '/',
  ): Promise<Pair> {
    const accepted = this.accept(peerOptions);
    // a ping of the heartbeat's would be one frame too many in a suite that runs longer than its interval
    const client = new WebSocket(this.url + path, protocols, { heartbeat: false, ...options });
    const peer = await accepted;
    return { client, peer, request: await peer.request() };
  }

  /** Connects a client and completes the handshake. */
  async open(
    changes: ResponseChanges = {},
    options: ClientOptions = {},
    peerOptions?: RawPeerOptions,
  ): Promise<Pair> {
    const pair = await this.ask([], options, peerOptions);
    const opened = once(pair.client, 'open');
    pair.peer.write(upgradeResponse(pair.request, changes));
    await opened;
    return pair;
  }
}
