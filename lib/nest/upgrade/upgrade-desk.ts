/** Receives the upgrades for all gateways of an application. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Logger } from '@nestjs/common';
import {
  type HandshakeError,
  type OriginPolicy,
  PendingHandshake,
  pathOf,
  receiveUpgrade,
} from '../../transport/websocket/index.js';
import type { GatewayEndpoint } from '../gateway/gateway-endpoint.js';
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
}

const logger = new Logger('Gateway');
const CLOSING = { status: 503, body: { statusCode: 503, message: 'The server is shutting down' } };

export class UpgradeDesk {
  /** By request, so that our middleware finds what it is about. */
  private readonly attempts = new Map<IncomingMessage, UpgradeAttempt>();
  private readonly detachments: (() => void)[] = [];

  constructor(private readonly options: DeskOptions) {}

  /**
   * Takes the upgrades of a server.
   * @param stack the server whose middleware decides about them
   */
  attach(server: Server, stack: Server): void {
    const take = (request: IncomingMessage, socket: Socket, head: Buffer): boolean => {
      const match = this.match(request);
      if (match) this.receive(stack, match, request, socket, head);
      return match !== undefined;
    };
    this.detachments.push(interceptUpgrades(server, take, this.options.handshakeMs));
  }

  private match(request: IncomingMessage): Match | undefined {
    const path = pathOf(request.url ?? '');
    for (const prefix of this.options.prefixes) {
      if (path !== prefix && !path.startsWith(`${prefix}/`)) continue;
      for (const endpoint of this.options.endpoints) {
        const params = endpoint.pattern.match(path.slice(prefix.length));
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
        const { platform } = this.options;
        const choice = endpoint.choose(handshake.subprotocols);
        this.begin(stack, { request, socket, head, handshake, endpoint, params, choice, platform });
      },
      refused: logRefusal,
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
      attempt.admit().catch((error: unknown) => {
        logger.error(error);
        request.socket.destroy();
      });
    };

  /** Takes no more, and refuses those that are under way. */
  close(): void {
    for (const detach of this.detachments.splice(0)) detach();
    for (const attempt of [...this.attempts.values()]) attempt.refuse(CLOSING);
  }
}

function logRefusal(refusal: HandshakeError, error: unknown): void {
  if (error !== refusal) logger.error(error);
  if (refusal.status === 403) {
    logger.warn(`${refusal.message}; NestwireModule.forRoot({ origin }) sets which origins are`);
  }
}
