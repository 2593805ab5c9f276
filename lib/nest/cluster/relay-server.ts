/**
 * The owner's side of a handed-over connection: an HTTP server that listens nowhere, and gets tunnels instead of
 * sockets. What comes by it goes the way of any other request, through middleware and guards; but only to
 * gateways, and only for sessions of this node, so that a mailbox is no way into the rest of the application.
 */
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Limits, nodeOf } from '../../session/index.js';
import { type RequestInlet, letIn } from '../http/request-inlet.js';
import { readTicket } from '../http/session-request.js';
import { readSessionWish } from '../upgrade/session-wish.js';
import { interceptUpgrades } from '../upgrade/upgrade-interceptor.js';
import type { Tunnel } from './tunnel.js';

export interface RelayRules {
  readonly limits: Limits;
  readonly node: string;
  readonly inlet: RequestInlet;
  /** Whether a gateway is reached by this URL. */
  readonly isGateway: (url: string) => boolean;
}

export class RelayServer {
  readonly server = createServer((request, response) => this.serve(request, response));
  /** Tunnels that no request came by yet, and until when. */
  private readonly silent = new Map<Duplex, NodeJS.Timeout>();
  private readonly release: () => void;

  constructor(private readonly rules: RelayRules) {
    this.release = interceptUpgrades(
      this.server,
      (request) => this.judgeUpgrade(request),
      rules.limits.handshakeMs,
    );
  }

  /** @returns false when too many are silent */
  accept(tunnel: Tunnel): boolean {
    const { pendingHandshakes, handshakeMs } = this.rules.limits;
    if (this.silent.size >= pendingHandshakes) return false;
    this.silent.set(
      tunnel,
      setTimeout(() => tunnel.destroy(), handshakeMs),
    );
    tunnel.once('close', () => this.heard(tunnel));
    this.server.emit('connection', tunnel);
    return true;
  }

  private heard(tunnel: Duplex): void {
    clearTimeout(this.silent.get(tunnel));
    this.silent.delete(tunnel);
  }

  /** @returns whether it is refused; others go on to the desk */
  private judgeUpgrade(request: IncomingMessage): boolean {
    this.heard(request.socket);
    const isOurs = this.isOwn(readSessionWish(request.url ?? ''));
    if (!isOurs) request.socket.destroy();
    return !isOurs;
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    const { inlet, isGateway } = this.rules;
    this.heard(request.socket);
    const isOurs = this.isOwn(readTicket(request)) && isGateway(request.url ?? '');
    if (isOurs) letIn(inlet, request, response);
    else response.writeHead(421, { Connection: 'close' }).end();
  }

  private isOwn(wish: ReturnType<typeof readSessionWish>): boolean {
    return typeof wish === 'object' && nodeOf(wish.id) === this.rules.node;
  }

  close(): void {
    this.release();
  }
}
