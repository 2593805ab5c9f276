/**
 * One client that wants to open a WebSocket, from its request to the 101 or to the answer that refuses it.
 *
 * Theory of operation. The upgrade is given a response of its own and sent through Nest's whole stack as if it
 * were a request, so that the application's middleware sees it and its headers (CORS) are on a refusal. In the
 * end our own middleware gets it and lets guards and `@OnConnect` decide. Whoever is first decides: they, the
 * time limit, the peer by leaving, the shutdown, or some other middleware by answering. Later ones find it
 * decided and do nothing.
 */
import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import {
  ResumableSession,
  ReturningSession,
  type Session,
  type TransportOffer,
} from '../../session/index.js';
import {
  HandshakeError,
  type OpeningHandshake,
  acceptSession,
  refuseUpgrade,
} from '../../transport/websocket/index.js';
import type { GatewayEndpoint } from '../gateway/gateway-endpoint.js';
import type { ProtocolChoice } from '../gateway/protocol-choice.js';
import { type Refusal, RefusedError } from '../gateway/refusal.js';
import { lighten, readyForExpress } from './kept-request.js';
import { readSessionWish } from './session-wish.js';
import { endSocket } from './upgrade-interceptor.js';

/** What is known about a client when its handshake was found in order. */
export interface UpgradeRequest {
  readonly request: IncomingMessage;
  readonly socket: Socket;
  readonly head: Buffer;
  readonly handshake: OpeningHandshake;
  readonly endpoint: GatewayEndpoint;
  readonly params: Readonly<Record<string, string>>;
  readonly choice: ProtocolChoice;
  readonly platform: Platform;
}

/** The HTTP side of the application. */
export interface Platform {
  readonly isExpress: boolean;
  /** Writes an answer the way the platform does: `httpAdapter.reply`. */
  readonly reply: (response: ServerResponse, body: object, status: number) => void;
}

const BAD_WISH: Refusal = { status: 400, body: { statusCode: 400, message: 'Malformed nestwire-session' } };
const TIMED_OUT: Refusal = { status: 503, body: { statusCode: 503, message: 'The handshake took too long' } };
const FAILED: Refusal = { status: 500, body: { statusCode: 500, message: 'Internal server error' } };

export class UpgradeAttempt {
  private readonly response: ServerResponse;
  private readonly timer: NodeJS.Timeout;
  /** The session that ends when the client is refused. */
  private session: Session | undefined;
  private isDecided = false;

  /** @param onOver the attempt is over, however it ended */
  constructor(
    private readonly upgrade: UpgradeRequest,
    private readonly onOver: () => void,
  ) {
    const { request, socket, endpoint } = upgrade;
    this.response = new ServerResponse(request);
    this.response.shouldKeepAlive = false;
    this.response.assignSocket(socket);
    this.response.once('finish', this.onAnswered);
    socket.once('close', this.onPeerGone);
    this.timer = setTimeout(() => this.refuse(TIMED_OUT), endpoint.handshakeMs);
  }

  get endpoint(): GatewayEndpoint {
    return this.upgrade.endpoint;
  }

  /** Sends the request through Nest's stack; it comes back by `admit`. */
  start(server: Server): void {
    if (this.upgrade.platform.isExpress) readyForExpress(this.upgrade.request);
    server.emit('request', this.upgrade.request, this.response);
  }

  /** Lets guards and `@OnConnect` decide. */
  async admit(): Promise<void> {
    const { handshake, endpoint, choice } = this.upgrade;
    if (this.isDecided) return;
    const wish = readSessionWish(handshake.target);
    if (wish === undefined) return this.refuse(BAD_WISH);
    if (typeof wish === 'string') return this.admitNew(wish);
    const session = await endpoint.find(wish, choice.served);
    if (session) await this.readmit(session, wish.secret);
    else await this.admitNew('lost');
  }

  private async admitNew(wish: 'plain' | 'new' | 'lost'): Promise<void> {
    const { endpoint, choice } = this.upgrade;
    const session =
      wish === 'plain'
        ? endpoint.createSession(this.origin(), choice.served)
        : endpoint.createResumable(this.origin(), choice.served);
    if (!session) return this.refuse(BAD_WISH);
    this.session = session;
    if (!(await this.isLetIn(endpoint.connect(session)))) return;
    this.accept((offer) => {
      if (session instanceof ResumableSession && wish === 'lost') session.attachReturning(offer);
      else session.attach(offer);
    });
  }

  /** A refusal leaves the session as it is: the client may come back with better credentials. */
  private async readmit(session: ResumableSession, secret: string): Promise<void> {
    const { endpoint } = this.upgrade;
    const returning = new ReturningSession(this.origin(), session, secret);
    if (!(await this.isLetIn(endpoint.readmit(returning)))) return;
    if (returning.isOver) return this.admitNew('lost');
    this.accept((offer) => returning.attach(offer));
  }

  private async isLetIn(decision: Promise<void>): Promise<boolean> {
    try {
      await decision;
    } catch (error) {
      this.refuse(error instanceof RefusedError ? error.refusal : FAILED);
    }
    return !this.isDecided;
  }

  private origin(): Parameters<GatewayEndpoint['createSession']>[0] {
    const { request, handshake, params, endpoint } = this.upgrade;
    return {
      request,
      transport: 'websocket',
      url: handshake.target,
      params,
      remoteAddress: endpoint.connection.admission.proxies.addressOf(request),
    };
  }

  /** @param attach gives the connection to the session */
  private accept(attach: (offer: TransportOffer) => void): void {
    const { request, socket, head, handshake, endpoint, choice } = this.upgrade;
    if (socket.destroyed || !socket.readable) return this.onPeerGone();
    this.decide();
    this.response.removeListener('finish', this.onAnswered);
    this.response.detachSocket(socket);
    lighten(request);
    const { extensions, limits } = endpoint.connection;
    const answer = { subprotocol: choice.subprotocol, extensions };
    try {
      attach({
        connect: (events) => acceptSession(socket, head, handshake, answer, limits, events),
        heartbeatMs: endpoint.heartbeatMs,
      });
    } catch (error) {
      if (!(error instanceof HandshakeError)) throw error;
      refuseUpgrade(socket, error);
      this.session?.closed(1006, 'refused', false);
    }
  }

  refuse(refusal: Refusal): void {
    if (this.isDecided) return;
    this.decide();
    this.session?.closed(1006, 'refused', false);
    // somebody else was about to answer
    if (this.response.headersSent) this.upgrade.socket.destroy();
    else this.answer(refusal);
  }

  private answer({ status, body, headers = {} }: Refusal): void {
    for (const [name, value] of Object.entries(headers)) this.response.setHeader(name, value);
    this.upgrade.platform.reply(this.response, body, status);
  }

  private decide(): void {
    this.isDecided = true;
    clearTimeout(this.timer);
    this.upgrade.socket.removeListener('close', this.onPeerGone);
    this.onOver();
  }

  private readonly onPeerGone = (): void => {
    if (this.isDecided) return;
    this.decide();
    this.upgrade.socket.destroy();
    this.session?.closed(1006, '', false);
  };

  /** By us or by other middleware. */
  private readonly onAnswered = (): void => {
    if (!this.isDecided) {
      this.decide();
      this.session?.closed(1006, 'refused', false);
    }
    endSocket(this.response, this.upgrade.socket);
  };
}
