/** Receives the upgrades for all gateways of an application. */
import { clientRefused } from '../../diagnostics/index.js';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Logger } from '@nestjs/common';
import {
  HandshakeError,
  type OriginPolicy,
  PendingHandshake,
  receiveUpgrade,
} from '../../transport/websocket/index.js';
import type { HandOver } from '../cluster/hand-over.js';
import type { GatewayEndpoint } from '../gateway/gateway-endpoint.js';
import { pathsBelow } from '../gateway/paths-below.js';
import { urlAsSent } from '../url-as-sent.js';
import { interceptUpgrades } from './upgrade-interceptor.js';
import { type Platform, UpgradeAttempt, type UpgradeRequest } from './upgrade-attempt.js';

interface Match {
  readonly endpoint: GatewayEndpoint;
  readonly params: Record<string, string>;
}

export interface DeskOptions {
  /** The most special path first. */
  readonly endpoints: readonly GatewayEndpoint[];
  /** What may stand before a gateway's path: the global prefix, or nothing. */
  readonly prefixes: readonly string[];
  readonly origin: OriginPolicy;
  readonly handshakeMs: number;
  readonly platform: Platform;
  /** To other nodes; undefined where there are none. */
  readonly handOver: HandOver | undefined;
}

const logger = new Logger('Gateway');
const CLOSING = {
  status: 503,
  body: { statusCode: 503, message: 'The server is shutting down' },
  headers: { 'Retry-After': '1' },
};

export class UpgradeDesk {
  /** By request, so that our middleware finds what it is about. */
  private readonly attempts = new Map<IncomingMessage, UpgradeAttempt>();
  private readonly detachments: (() => void)[] = [];
  private isClosing = false;

  constructor(private readonly options: DeskOptions) {}

  /**
   * Takes the upgrades of a server.
   * @param stack the server whose middleware decides about them
   */
  attach(server: Server, stack: Server): void {
    const take = (request: IncomingMessage, socket: Socket, head: Buffer): boolean => {
      const match = this.match(request.url ?? '');
      if (match) this.receive(stack, match, request, socket, head);
      return match !== undefined;
    };
    this.detachments.push(interceptUpgrades(server, take, this.options.handshakeMs));
  }

  /** Whether a gateway is reached by this URL. */
  readonly isServed = (url: string): boolean => this.match(url) !== undefined;

  private match(url: string): Match | undefined {
    for (const path of pathsBelow(this.options.prefixes, url)) {
      for (const endpoint of this.options.endpoints) {
        const params = endpoint.pattern.match(path);
        if (params) return { endpoint, params };
      }
    }
    return undefined;
  }

  private receive(
    stack: Server,
    { endpoint, params }: Match,
    request: IncomingMessage,
    socket: Socket,
    head: Buffer,
  ): void {
    receiveUpgrade(request, socket, {
      origin: endpoint.origin ?? this.options.origin,
      admission: endpoint.connection.admission,
      judge: (handshake) => {
        if (this.isClosing) throw new HandshakeError(503, CLOSING.body.message, CLOSING.headers);
        const { platform, handOver } = this.options;
        const choice = endpoint.choose(handshake.subprotocols);
        const upgrade = { request, socket, head, handshake, endpoint, params, choice, platform, handOver };
        this.begin(stack, upgrade);
      },
      refused: tellRefusal,
    });
  }

  private begin(stack: Server, upgrade: UpgradeRequest): void {
    const { request, socket, endpoint } = upgrade;
    const pending = new PendingHandshake(socket, endpoint.connection.admission);
    const attempt = new UpgradeAttempt(upgrade, () => {
      this.attempts.delete(request);
      pending.over();
    });
    this.attempts.set(request, attempt);
    attempt.start(stack);
  }

  /** The middleware on a gateway's path; requests that are no upgrade go on. */
  readonly middleware =
    (endpoint: GatewayEndpoint) =>
    (request: IncomingMessage, _response: ServerResponse, next: () => void): void => {
      const attempt = this.attempts.get(request);
      if (attempt?.endpoint !== endpoint) return next();
      request.url = urlAsSent(request);
      attempt.admit().catch((error: unknown) => {
        logger.error(error);
        request.socket.destroy();
      });
    };

  /** Refuses those that are under way, and whoever comes. */
  refuseNewcomers(): void {
    this.isClosing = true;
    for (const attempt of [...this.attempts.values()]) attempt.refuse(CLOSING);
  }

  /** Leaves the servers. */
  close(): void {
    for (const detach of this.detachments.splice(0)) detach();
  }
}

function tellRefusal(refusal: HandshakeError, error: unknown): void {
  const { status } = refusal;
  if (clientRefused.hasSubscribers) clientRefused.publish({ status, transport: 'websocket' });
  if (error !== refusal) logger.error(error);
  if (refusal.status === 403) {
    logger.warn(`${refusal.message}; NestwireModule.forRoot({ origin }) sets which origins are`);
  }
}
