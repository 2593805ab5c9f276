import type { IncomingMessage, Server } from 'node:http';
import { Logger, type WebSocketAdapter, type WsMessageHandler } from '@nestjs/common';
import { type CloseDetails, resolveLimits } from '../../session/index.js';
import {
  CloseCode,
  type WebSocket,
  WebSocketServer,
  createUpgradeOnlyServer,
} from '../../transport/websocket/index.js';
import { InvalidGatewayError } from '../gateway/errors.js';
import type { ShutdownLimits } from '../shutdown/paced.js';
import { Shutdown } from '../shutdown/shutdown.js';
import type {
  WebSocketGatewayOptions,
  GatewayServerOptions,
  MessageParser,
  NestwireAdapterOptions,
} from './adapter-options.js';
import { AdapterShutdown } from './adapter-shutdown.js';
import { Application } from './application.js';
import { ClientBinding } from './client-binding.js';
import { guardHooks } from './lifecycle-hooks.js';
import { MessageReader } from './message-reader.js';
import { SharedPort } from './shared-port.js';
import type { Transform } from './subscriber.js';
import { asVerifyClient } from './verify-client.js';

/** What Nest calls the port of the application itself. */
const PORT_OF_APPLICATION = 0;
const TOO_LATE =
  'the application is initialized already: call useWebSocketAdapter() before app.init() or app.listen()';

/**
 * Serves the classes under Nest's own `@WebSocketGateway`, unchanged, on the WebSocket core of Nestwire:
 * `app.useWebSocketAdapter(new NestwireAdapter(app))`, before `app.init()` or `app.listen()`. Messages are those
 * of `@nestjs/platform-ws`, `{ event, data }` in JSON; docs/adapter.md lists what differs.
 */
export class NestwireAdapter implements WebSocketAdapter<
  WebSocketServer,
  WebSocket,
  WebSocketGatewayOptions
> {
  /**
   * Set by Nest from the application's option: at shutdown all clients are told at once, and cut off then.
   */
  forceCloseConnections: boolean | undefined;

  private readonly logger = new Logger(NestwireAdapter.name);
  private readonly application: Application;
  private readonly options: GatewayServerOptions;
  private readonly reader: MessageReader;
  private readonly ports = new Map<number, SharedPort>();
  private readonly servers = new Set<WebSocketServer>();
  private readonly bindings = new WeakMap<WebSocket, ClientBinding>();
  private readonly departure: ShutdownLimits;
  private shutdown: Shutdown | undefined;

  /**
   * @param app the application; or an HTTP server, and then what `handleConnection` throws is not caught
   * @param options for all gateways: limits, origin, heartbeat, compression, `messageParser`
   * @throws InvalidLimitError for times of the shutdown that are no positive integers
   */
  constructor(app: object, options: NestwireAdapterOptions = {}) {
    const { messageParser, shutdownMs, shutdownSpreadMs, ...ofServers } = options;
    this.departure = resolveLimits({
      ...(shutdownMs !== undefined && { shutdownMs }),
      ...(shutdownSpreadMs !== undefined && { shutdownSpreadMs }),
    });
    this.application = new Application(app);
    this.options = ofServers;
    this.reader = new MessageReader(messageParser);
    // early versions of Nest 11 say nothing, and the gateways stay with the adapter they got
    if (this.application.isInitialized) this.logger.warn(TOO_LATE);
  }

  /**
   * Called by Nest for each port and path.
   * @throws InvalidGatewayError for a namespace, a path that can't be matched, and a gateway on the
   *   application's port when that has none
   * @throws RangeError for a limit that is not a number of at least 0
   */
  create(port: number, { path, namespace, ...given }: WebSocketGatewayOptions = {}): WebSocketServer {
    if (namespace) throw namespaceError(namespace);
    for (const gateway of this.application.gateways()) guardHooks(gateway);
    const place = path || (port === PORT_OF_APPLICATION ? '/' : undefined);
    const known = this.ports.get(port)?.serverOf(place);
    if (known) return known;
    const options = { ...this.options, ...given };
    const server = this.createServer(options);
    this.portOf(port, options, server).add(place, server);
    this.shutdown ??= this.joinShutdown();
    this.servers.add(server);
    return server;
  }

  /** That of `NestwireModule`, so that clients of all gateways are told in one spread; or one of its own. */
  private joinShutdown(): Shutdown {
    const shutdown = this.application.find(Shutdown) ?? new Shutdown(this.departure);
    shutdown.add(new AdapterShutdown(this.servers, this.bindings, () => this.forceCloseConnections === true));
    return shutdown;
  }

  private portOf(port: number, options: GatewayServerOptions, first: WebSocketServer): SharedPort {
    const known = this.ports.get(port);
    if (known) return known;
    const { handshakeTimeoutMs } = first;
    const httpServer =
      port === PORT_OF_APPLICATION
        ? this.applicationServer()
        : this.listen(port, options, handshakeTimeoutMs);
    const isReady = (): boolean => this.application.isInitialized !== false;
    const shared = new SharedPort(httpServer, isReady, handshakeTimeoutMs);
    this.ports.set(port, shared);
    return shared;
  }

  private applicationServer(): Server {
    const { httpServer } = this.application;
    if (httpServer) return httpServer;
    throw new InvalidGatewayError(
      'a gateway without a port shares that of the application, which has no HTTP server',
    );
  }

  private listen(port: number, { host, backlog }: GatewayServerOptions, timeoutMs: number): Server {
    const server = createUpgradeOnlyServer(timeoutMs);
    server.on('error', (error) => this.logger.error(error));
    return server.listen({ port, host, backlog });
  }

  private createServer({ verifyClient, ...options }: GatewayServerOptions): WebSocketServer {
    const server = new WebSocketServer({
      ...options,
      ...(verifyClient && { verifyClient: asVerifyClient(verifyClient) }),
      noServer: true,
      // without it nobody could be told of a shutdown
      clientTracking: true,
    });
    server.on('wsClientError', ({ status, message }) => {
      if (status === 403)
        this.logger.warn(`${message}; new NestwireAdapter(app, { origin }) sets which origins are`);
    });
    // one listener a gateway, and any number of gateways
    return server.setMaxListeners(0);
  }

  bindClientConnect(
    server: WebSocketServer,
    callback: (client: WebSocket, request: IncomingMessage) => void,
  ): void {
    server.on('connection', callback);
  }

  /** `handleDisconnect(client, details)` gets code, reason, and whether both sides finished the closing handshake. */
  bindClientDisconnect(client: WebSocket, callback: (details: CloseDetails) => void): void {
    this.bindingOf(client).onLeave(callback);
  }

  bindMessageHandlers(
    client: WebSocket,
    handlers: readonly WsMessageHandler<unknown>[],
    transform: Transform,
  ): void {
    this.bindingOf(client).addHandlers(handlers, transform);
  }

  private bindingOf(client: WebSocket): ClientBinding {
    const known = this.bindings.get(client);
    if (known) return known;
    const binding = new ClientBinding(client, this.reader);
    this.bindings.set(client, binding);
    return binding;
  }

  /** Reads messages with another parser from now on. */
  setMessageParser(parser: MessageParser): void {
    this.reader.use(parser);
  }

  /** Called by Nest for clients that connect while the application starts. */
  closeClient(client: WebSocket): void {
    client.close(CloseCode.tryAgainLater);
  }

  /** Called by Nest for each server. Settles when the clients of all have been left, within `shutdownMs`. */
  async close(): Promise<void> {
    await this.shutdown?.run();
  }

  /** Called by Nest after all servers were closed. */
  async dispose(): Promise<void> {
    const ports = [...this.ports];
    this.ports.clear();
    for (const [, shared] of ports) shared.leave();
    const own = ports.filter(([port]) => port !== PORT_OF_APPLICATION);
    await Promise.all(own.map(([, shared]) => shared.close()));
  }
}

function namespaceError(namespace: unknown): InvalidGatewayError {
  return new InvalidGatewayError(
    `namespace ${String(namespace)}: namespaces are those of socket.io, give each gateway a path instead`,
  );
}
