/** `WebSocketServer`: accepts connections on a port, an HTTP server, or by hand. Names follow `ws`. */
import { EventEmitter } from 'node:events';
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Extension, HandshakeError, type OpeningHandshake } from '../../protocol/websocket/index.js';
import { Admission } from '../admission/index.js';
import { extensionsOf } from './extensions-of.js';
import { timeLimit } from '../limit.js';
import { type ConnectionOptions, connectionOptions } from './options.js';
import { type SendData, asBuffer } from './payload.js';
import { PreparedFrames } from './prepared-frames.js';
import { PendingHandshake } from './pending-handshake.js';
import { receiveUpgrade } from './receive-upgrade.js';
import { selectSubprotocol, verify } from './server-handshake.js';
import type { WebSocketServerOptions } from './server-options.js';
import { isInUse } from './socket-listeners.js';
import { pathOf, refusalOf, refuseUpgrade, switchProtocols } from './upgrade.js';
import { listenForUpgrades } from './upgrade-listener.js';
import { createUpgradeOnlyServer } from './upgrade-only-server.js';
import { WebSocket } from './web-socket.js';

export interface WebSocketServerEventMap {
  connection: [socket: WebSocket, request: IncomingMessage];
  listening: [];
  /** The HTTP server failed, for instance because the port is taken. */
  error: [error: Error];
  /** The server is closed and all its clients are gone. */
  close: [];
  /** A handshake was refused; the answer has been written. */
  wsClientError: [error: HandshakeError, socket: Duplex, request: IncomingMessage];
}

export interface BroadcastOptions {
  /** Sends a binary message. Default: whatever is not a string or number is binary. */
  readonly binary?: boolean;
  /** False leaves this message uncompressed. Default true. */
  readonly compress?: boolean;
  /** Clients that don't get it. */
  readonly except?: WebSocket | ReadonlySet<WebSocket>;
}

export type ConnectionCallback = (socket: WebSocket, request: IncomingMessage) => void;

/** A handshake that was found in order. */
interface Upgrade {
  readonly handshake: OpeningHandshake;
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly callback: ConnectionCallback;
}

const DEFAULT_HANDSHAKE_TIMEOUT_MS = 10_000;

export class WebSocketServer extends EventEmitter<WebSocketServerEventMap> {
  /** The open connections; empty with `clientTracking: false`. */
  readonly clients = new Set<WebSocket>();
  private readonly limits: ConnectionOptions;
  private readonly extensions: readonly Extension[];
  /** How long a handshake may take. */
  readonly handshakeTimeoutMs: number;
  private readonly admission: Admission;
  private readonly ownServer: HttpServer | undefined;
  private readonly httpServer: HttpServer | undefined;
  private readonly stopListening: () => void;
  private state: 'running' | 'closing' | 'closed' = 'running';

  /**
   * @param callback a listener for `listening`
   * @throws TypeError unless exactly one of `port`, `server` and `noServer` is given
   * @throws RangeError for a limit that is not a number of at least 0, and for a bad trusted proxy
   */
  constructor(
    readonly options: WebSocketServerOptions,
    callback?: () => void,
  ) {
    super();
    const ways = [options.port !== undefined, options.server !== undefined, options.noServer === true];
    if (ways.filter(Boolean).length !== 1) {
      throw new TypeError('a WebSocketServer needs exactly one of the options port, server and noServer');
    }
    this.handshakeTimeoutMs = timeLimit(
      'handshakeTimeoutMs',
      options.handshakeTimeoutMs,
      DEFAULT_HANDSHAKE_TIMEOUT_MS,
    );
    this.limits = connectionOptions(options);
    this.admission = new Admission(options);
    this.extensions = extensionsOf(options);
    this.ownServer =
      options.port === undefined ? undefined : createUpgradeOnlyServer(this.handshakeTimeoutMs);
    this.httpServer = this.ownServer ?? options.server;
    this.stopListening = this.listenOn(this.httpServer);
    if (callback) this.once('listening', callback);
    this.ownServer?.listen({ port: options.port, host: options.host, backlog: options.backlog });
  }

  private listenOn(server: HttpServer | undefined): () => void {
    if (server === undefined) return () => {};
    const tellListening = (): void => void this.emit('listening');
    const tellError = (error: Error): void => void this.emit('error', error);
    server.on('listening', tellListening).on('error', tellError);
    const stopUpgrades = listenForUpgrades(
      server,
      (request) => this.shouldHandle(request),
      (request, socket, head) =>
        this.handleUpgrade(request, socket, head, (client) => this.emit('connection', client, request)),
      this.handshakeTimeoutMs,
    );
    return () => {
      server.removeListener('listening', tellListening).removeListener('error', tellError);
      stopUpgrades();
    };
  }

  /** The address listened on. @throws Error with `noServer` */
  address(): AddressInfo | string | null {
    if (this.httpServer === undefined) throw new Error('a server with noServer has no address');
    return this.httpServer.address();
  }

  /** The client's address, seen through `trustedProxies`; empty for a UNIX socket. */
  addressOf(request: IncomingMessage): string {
    return this.admission.proxies.addressOf(request);
  }

  /** Whether the request's path is the one served. */
  shouldHandle(request: IncomingMessage): boolean {
    const { path } = this.options;
    return path === undefined || pathOf(request.url ?? '') === path;
  }

  /**
   * Does the opening handshake on a socket of an HTTP server's `upgrade` event. A refusal is answered
   * with its HTTP status and told as `wsClientError`.
   * @param callback gets the open connection
   * @throws Error for a socket that is a WebSocket already
   */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, callback: ConnectionCallback): void {
    if (isInUse(socket)) throw new Error('handleUpgrade was called twice for the same socket');
    const handshake = receiveUpgrade(request, socket, {
      origin: this.options.origin ?? 'same',
      admission: this.admission,
      judge: (read) => {
        this.checkServes(request);
        return read;
      },
      refused: (refusal) => this.emit('wsClientError', refusal, socket, request),
    });
    if (handshake) this.decide({ handshake, request, socket, head, callback });
  }

  private checkServes(request: IncomingMessage): void {
    this.checkRunning();
    if (!this.shouldHandle(request)) throw new HandshakeError(404, 'nothing is served here');
  }

  private checkRunning(): void {
    if (this.state === 'running') return;
    throw new HandshakeError(503, 'the server is closing', { 'Retry-After': '1' });
  }

  private decide(upgrade: Upgrade): void {
    const { handshake, request, socket } = upgrade;
    if (this.options.verifyClient === undefined) return this.complete(upgrade);
    const pending = new PendingHandshake(socket, this.admission);
    const complete = (): void => {
      pending.over();
      this.complete(upgrade);
    };
    const about = { origin: handshake.origin, req: request, remoteAddress: this.addressOf(request) };
    verify(this.options, this.handshakeTimeoutMs, about, socket).then(
      // Outside of the promise: what a listener throws is the application's, not a refusal
      () => process.nextTick(complete),
      (error: unknown) => {
        pending.over();
        this.refuse(error, upgrade);
      },
    );
  }

  private complete(upgrade: Upgrade): void {
    const { request, socket } = upgrade;
    if (isInUse(socket)) return;
    if (socket.destroyed || !socket.readable) return void socket.destroy();
    let client: WebSocket;
    try {
      this.checkRunning();
      client = this.accept(upgrade);
    } catch (error) {
      return this.refuse(error, upgrade);
    }
    upgrade.callback(client, request);
  }

  private accept({ request, socket, head, handshake }: Upgrade): WebSocket {
    const subprotocol = selectSubprotocol(this.options, handshake.subprotocols, request);
    const answer = { subprotocol, extensions: this.extensions };
    const client = new WebSocket({
      ...switchProtocols(socket, head, handshake, answer),
      role: 'server',
      subprotocol: subprotocol ?? '',
      options: this.limits,
      registry: this,
    });
    if (this.options.clientTracking !== false) this.clients.add(client);
    return client;
  }

  private refuse(error: unknown, { socket, request }: Upgrade): void {
    const refusal = refusalOf(error);
    refuseUpgrade(socket, refusal);
    this.emit('wsClientError', refusal, socket, request);
  }

  /** @internal */
  forget(client: WebSocket): void {
    this.clients.delete(client);
    if (this.state === 'closing' && this.clients.size === 0) this.finishClosing();
  }

  /** Sends one message to all open clients, framed once. */
  broadcast(data: SendData, options: BroadcastOptions = {}): void {
    const binary = options.binary ?? (typeof data !== 'string' && typeof data !== 'number');
    const frames = new PreparedFrames(asBuffer(data), binary, options.compress);
    const { except } = options;
    const excluded = except instanceof WebSocket ? new Set([except]) : except;
    for (const client of this.clients) if (!excluded?.has(client)) client.sendPrepared(frames);
  }

  /**
   * Stops accepting connections. Those that are open stay so: close them, as `ws` has it.
   * @param callback called when the port is free and the last client is gone
   */
  close(callback?: (error?: Error) => void): void {
    if (this.state === 'closed') {
      if (callback) process.nextTick(callback, new Error('the server is not running'));
      return;
    }
    if (callback) this.once('close', callback);
    if (this.state === 'closing') return;
    this.state = 'closing';
    this.stopListening();
    if (this.ownServer) this.ownServer.close(() => this.finishClosing());
    else process.nextTick(() => this.finishClosing());
  }

  private finishClosing(): void {
    if (this.state !== 'closing' || this.clients.size > 0 || this.ownServer?.listening) return;
    this.state = 'closed';
    this.emit('close');
  }
}
