/**
 * Keeps a client connected: one transport at a time, opened again whenever it is lost, after a pause that
 * grows, at once when the network or the user comes back.
 *
 * Theory of operation. An attempt that never opened goes to the next transport; when all were tried there is a
 * pause. On a transport that is not the best one, the best one is tried again later, beside it (`Probe`): a
 * session that is resumed there loses nothing, and the server then ends the older connection.
 *
 * A browser that says it is off line is not believed but taken as a reason to ask the server at once, and it
 * keeps nobody from trying: it may be wrong, or the server on the same machine. That it is on line again makes
 * all that failed meanwhile forgotten.
 */
import { BehaviorSubject } from 'rxjs';
import { BackOff } from './back-off.js';
import type { ClientSettings } from './client-options.js';
import { afterClose } from './close-policy.js';
import type { Conversation } from './conversation.js';
import { ClientClosedError } from './errors.js';
import type { FallBack } from './fall-back.js';
import type { ServerMessage } from './open-requests.js';
import { later } from './later.js';
import { Probe } from './probe.js';
import type { Status } from './status.js';
import {
  type ClientTransport,
  type Ending,
  type OpenTransport,
  type Ticket,
  brokenOff,
} from './transport/transport.js';
import { watchWakeUps } from './wake-ups.js';

/** What a server may take to answer a ping. */
const PONG_WAIT_MS = 10_000;
/** The same, when the browser says that it is off line. */
const OFFLINE_WAIT_MS = 2_000;

/** How long an attempt that was given up may still reach the server, and take the session from a later one. */
const STRAY_MS = 60_000;
const REPLACED = 4409;

/** The statuses that another transport would be refused with as well. */
const REFUSED: Readonly<Record<number, number>> = { 401: 4401, 403: 4403 };

/** Statuses of a server that wants to be asked later, by whatever transport. */
const BUSY = [429, 503];

export class Link {
  readonly status$ = new BehaviorSubject<Status>({ state: 'connecting', attempt: 1 });
  private transport: ClientTransport | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private attempts = 0;
  private readonly backOff: BackOff;
  /** The attempt, or the connection that came of it, that counts. */
  private attempt: object | undefined;
  private isReady = false;
  private isClosed = false;
  /** When an attempt was last given up. */
  private strayedAt = -Infinity;
  private readonly probe: Probe;
  private readonly stopWatching = watchWakeUps({
    wake: () => this.wake(),
    offline: () => this.doubt(),
    online: () => this.beginAnew(),
  });

  constructor(
    private readonly url: URL,
    private readonly fallBack: FallBack,
    private readonly conversation: Conversation,
    private readonly settings: ClientSettings,
  ) {
    this.backOff = new BackOff(settings.backOff);
    this.probe = new Probe(settings.retryBestMs, settings.connectTimeoutMs, async (events) =>
      this.fallBack.best(await this.ticket(), events),
    );
    void this.connect();
  }

  private async ticket(): Promise<Ticket> {
    const token = await this.settings.token?.();
    const { subprotocols, codec, ticket } = this.settings;
    const nextUrl = ticket && (async () => withTicket(this.url, await ticket()));
    const url = nextUrl ? await nextUrl() : this.url;
    return { url, nextUrl, subprotocols, codec, token, ...this.conversation.ticket };
  }

  private async connect(): Promise<void> {
    const attempt = {};
    this.attempt = attempt;
    this.tell({ state: 'connecting', attempt: ++this.attempts });
    this.arm(this.settings.connectTimeoutMs, () => this.lose(brokenOff('no answer')));
    try {
      const ticket = await this.ticket();
      // the attempt may have been given up while the token was fetched
      if (this.attempt === attempt) this.open(ticket, this.fallBack.current);
    } catch (error) {
      if (this.attempt === attempt) this.lose(brokenOff(String(error)));
    }
  }

  private open(ticket: Ticket, openTransport: OpenTransport): void {
    const transport = openTransport(ticket, {
      opened: () => {
        if (ticket.session === undefined) this.ready(() => this.conversation.beginPlain(transport));
      },
      message: (message) => this.receive(message, transport),
      closed: (ending) => this.lose(ending),
    });
    this.transport = transport;
  }

  private ready(begin: () => void): void {
    this.attempts = 0;
    this.backOff.opened();
    this.isReady = true;
    this.fallBack.prove();
    const transport = this.transport!.kind;
    begin();
    this.tell({ state: 'open', transport });
    this.watch();
    if (!this.fallBack.isBest && this.conversation.isResumable) this.watchForBest();
  }

  private watchForBest(): void {
    this.probe.start((transport, message) => {
      this.transport?.abandon();
      this.conversation.detach();
      this.transport = transport;
      this.fallBack.returnToBest();
      this.receive(message, transport);
      return {
        message: (next) => this.receive(next, transport),
        closed: (ending) => this.lose(ending),
      };
    });
  }

  private receive(message: ServerMessage, transport: ClientTransport): void {
    if (this.isReady) this.watch();
    if (this.conversation.receive(message, transport)) this.ready(() => undefined);
  }

  /** A page sees no pings: when nothing came for as long as the server pings, it asks. */
  private watch(): void {
    const { heartbeatMs } = this.conversation;
    if (!heartbeatMs) return this.arm();
    this.arm(heartbeatMs, () => this.askForLife());
  }

  private askForLife(waitMs = PONG_WAIT_MS, reason = 'no sign of life'): void {
    this.conversation.ping();
    this.arm(waitMs, () => this.lose(brokenOff(reason)));
  }

  /** A plain session cannot ask, and short polls would be asked by their next one only, which asks anyway. */
  private doubt(): void {
    const canAsk = this.conversation.isResumable && this.transport?.kind !== 'short-polling';
    if (this.isReady && canAsk) this.askForLife(OFFLINE_WAIT_MS, 'off line');
  }

  /** What an attempt without a network waits for, or has led to, says nothing about the one that is there now. */
  private beginAnew(): void {
    if (this.isReady) return this.wake();
    if (this.transport) this.strayedAt = performance.now();
    this.transport?.abandon();
    this.transport = undefined;
    this.attempts = 0;
    this.backOff.beginAnew();
    this.fallBack.returnToProven();
    void this.connect();
  }

  private lose(ending: Ending): void {
    if (this.isClosed) return;
    // the server may have taken the other connection first, and told the older one so
    if (this.isReady && this.probe.isUnderWay)
      return this.arm(this.settings.connectTimeoutMs, () => this.drop(ending));
    this.drop(ending);
  }

  private drop({ code: closeCode, reason, retryMs, status }: Ending): void {
    const wasReady = this.isReady;
    const pauseMs = retryMs + this.backOff.lost();
    this.isReady = false;
    this.attempt = undefined;
    this.probe.stop();
    this.transport?.abandon();
    this.transport = undefined;
    this.conversation.detach();
    const code = REFUSED[status ?? 0] ?? closeCode;
    if (this.isFinal(code) && !this.isByStray(code)) return this.finish(code, reason);
    if (!wasReady) this.strayedAt = performance.now();
    const isAtOnce = !wasReady && this.turnTo(status);
    this.wait(isAtOnce ? 0 : pauseMs, code, reason);
  }

  /**
   * Decides what the next attempt does otherwise than the one that never opened.
   * @returns whether it may follow at once
   */
  private turnTo(status = 0): boolean {
    const isLostSession = status === 404 && this.conversation.forget();
    if (isLostSession) return true;
    // a page does not see why a WebSocket is refused, so it may have been for the same reason
    if (status in REFUSED) this.fallBack.returnToBest();
    return !(status in REFUSED) && !BUSY.includes(status) && !this.fallBack.next();
  }

  /** A server that was silent for a while may take up attempts in any order: then the newer one was ours. Once. */
  private isByStray(code: number): boolean {
    const isRecent = performance.now() - this.strayedAt < STRAY_MS;
    if (code === REPLACED) this.strayedAt = -Infinity;
    return code === REPLACED && isRecent;
  }

  /** Expired credentials are no end for a client that can get new ones. */
  private isFinal(code: number): boolean {
    const policy = afterClose(code);
    const { token, ticket } = this.settings;
    return policy === 'stay-away' || (policy === 'renew-token' && !token && !ticket);
  }

  private wait(pauseMs: number, code: number, reason: string): void {
    this.arm(pauseMs, () => void this.connect());
    this.tell({ state: 'waiting', code, reason, retryAt: Date.now() + pauseMs });
  }

  /** Not in the middle of an attempt. A connection that seems well may have been lost while the page slept. */
  wake(): void {
    if (this.status$.value.state === 'waiting') void this.connect();
    else if (this.isReady && this.conversation.heartbeatMs) this.askForLife();
  }

  close(code: number, reason: string): void {
    if (this.isClosed) return;
    this.transport?.close(code, reason);
    this.finish(code, reason);
  }

  private finish(code: number, reason: string): void {
    this.isClosed = true;
    this.attempt = undefined;
    this.probe.stop();
    this.arm();
    this.stopWatching();
    this.conversation.end(new ClientClosedError(code, reason));
    this.tell({ state: 'closed', code, reason });
    this.status$.complete();
  }

  private tell(status: Status): void {
    this.status$.next(status);
  }

  /** One timer: a link waits for one thing at a time. */
  private arm(delayMs?: number, then?: () => void): void {
    clearTimeout(this.timer);
    if (delayMs !== undefined && then) this.timer = later(then, delayMs);
  }
}

function withTicket(url: URL, ticket: string): URL {
  const address = new URL(url);
  address.searchParams.set('ticket', ticket);
  return address;
}
