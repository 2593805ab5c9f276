import { type Server, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { SessionTransport, TransportEvents } from '../../../lib/session/index.js';
import { acceptSession, connectionOptions, readUpgrade } from '../../../lib/transport/websocket/index.js';
import {
  type TransportPeer,
  type TransportUnderTest,
  describeTransport,
} from '../../session/transport.contract.js';

class WsPeer implements TransportPeer {
  private readonly received: (string | Uint8Array)[] = [];
  private wake: () => void = () => undefined;
  readonly closed: Promise<{ code: number; reason: string }>;

  constructor(private readonly socket: WebSocket) {
    socket.on('message', (data: Buffer, isBinary) => {
      this.received.push(isBinary ? data : data.toString());
      this.wake();
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) =>
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })),
    );
  }

  private get wire(): Socket {
    return (this.socket as unknown as { _socket: Socket })._socket;
  }

  send(text: string): void {
    this.socket.send(text);
  }

  async next(): Promise<string | Uint8Array> {
    while (this.received.length === 0) await new Promise<void>((resolve) => (this.wake = resolve));
    return this.received.shift()!;
  }

  stall(): void {
    this.wire.pause();
  }

  goOn(): void {
    this.wire.resume();
  }

  leave(code: number, reason: string): void {
    this.socket.close(code, reason);
  }

  breakOff(): void {
    this.wire.resetAndDestroy();
  }
}

class WebSocketsUnderTest implements TransportUnderTest {
  readonly kind = 'websocket';
  readonly goodbye = { code: 1001, reason: 'bye' };
  private readonly accepts: ((
    socket: Socket,
    head: Buffer,
    request: Parameters<typeof readUpgrade>[0],
  ) => void)[] = [];
  private readonly limits = connectionOptions({
    maxOutboundBytes: Number.POSITIVE_INFINITY,
    heartbeat: false,
  });

  private constructor(private readonly server: Server) {
    server.on('upgrade', (request, socket, head) => this.accepts.shift()!(socket as Socket, head, request));
  }

  static async create(): Promise<WebSocketsUnderTest> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new WebSocketsUnderTest(server);
  }

  async connect(events: TransportEvents): Promise<{ transport: SessionTransport; peer: TransportPeer }> {
    const transport = new Promise<SessionTransport>((resolve) => {
      this.accepts.push((socket, head, request) => {
        const answer = { subprotocol: undefined, extensions: [] };
        resolve(acceptSession(socket, head, readUpgrade(request), answer, this.limits, events));
      });
    });
    const { port } = this.server.address() as AddressInfo;
    const socket = new WebSocket(`ws://127.0.0.1:${port}`);
    const peer = new WsPeer(socket);
    await new Promise((resolve) => socket.on('open', resolve));
    return { transport: await transport, peer };
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

describeTransport('a WebSocket', () => WebSocketsUnderTest.create());
