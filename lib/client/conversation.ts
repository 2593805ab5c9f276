/**
 * The client's half of a session (WIRE §2), whatever carries it at the moment.
 *
 * Theory of operation. Messages are queued until there is a session to send them in, then numbered and kept
 * until the server is known to have them: an answer acknowledges everything sent before its request. When the
 * connection is lost nothing else happens. When the session is back, the server says how much it received, we
 * say how much we did and where we are in each channel, and both send the rest. When it is lost, what was
 * sent has an unknown outcome and is never sent again; what was not, goes out in the new session. When some of
 * the server's messages are lost, what it had got and does not answer by what it kept has an unknown outcome too.
 */
import { Subject } from 'rxjs';
import { CANCEL_EVENT, RESERVED_PREFIX } from '../protocol/envelope/index.js';
import {
  ACK_EVENT,
  GAP_EVENT,
  JOINED_EVENT,
  PING_EVENT,
  PONG_EVENT,
  RESUME_EVENT,
  SESSION_EVENT,
  type ChannelStart,
  type MissedMessages,
  type SessionData,
} from '../protocol/envelope/index.js';
import { ChannelPlaces } from './channel-places.js';
import type { Gap } from './gap.js';
import { type Asker, OpenRequests, type ServerMessage, UNCOUNTED } from './open-requests.js';
import { Outbox, type OutboxOptions } from './outbox.js';
import type { ClientTransport, Ticket } from './transport/transport.js';

/** After so many messages of the server it is told, so that it need not keep them. */
const ACKNOWLEDGE_AFTER = 32;

/** The part of a ticket that is about the session. */
type SessionTicket = Pick<Ticket, 'session' | 'isLost' | 'cursors'>;

export class Conversation {
  /** Pushes and publications. */
  readonly messages$ = new Subject<ServerMessage>();
  readonly gaps$ = new Subject<Gap>();
  private readonly requests = new OpenRequests();
  private readonly places = new ChannelPlaces();
  private readonly outbox: Outbox;
  private info: SessionData | undefined;
  /** Messages of the server that came in this session. */
  private received = 0;
  /** Our messages that the server had when this connection began. */
  private receivedByServer = 0;
  private isForgotten = false;
  private ended: Error | undefined;

  constructor(private readonly options: OutboxOptions) {
    this.outbox = new Outbox(options, {
      sent: (id, number) => this.requests.sent(id, number),
      crowded: () => this.ping(),
    });
  }

  /** What the next connection asks for. */
  get ticket(): SessionTicket {
    const { info, isForgotten: isLost } = this;
    const session = info ? `${info.id}.${info.secret}` : 'new';
    const cursors = isLost && this.places.size > 0 ? this.places.cursors : undefined;
    return { session: this.isResumable ? session : undefined, isLost, cursors };
  }

  get isResumable(): boolean {
    return this.options.isResumable;
  }

  get heartbeatMs(): number | undefined {
    return this.info?.heartbeatMs;
  }

  /** @throws QueueFullError, ClientClosedError, and what the codec throws for data that it cannot carry */
  ask(data: unknown, asker: Asker): number {
    this.checkOpen();
    const message = this.outbox.encode({
      event: asker.event,
      id: this.requests.nextId,
      data,
      ...this.traced,
    });
    const id = this.requests.add(asker);
    this.outbox.add(message, id);
    return id;
  }

  /**
   * Asks the library at the other end, which counts no such message: it goes now or never.
   * @returns undefined when there is no connection; nobody tells the asker
   */
  askNow(data: unknown, asker: Asker): number | undefined {
    if (!this.outbox.isConnected) return undefined;
    const id = this.requests.add(asker);
    this.requests.sent(id, UNCOUNTED);
    this.outbox.say(asker.event, { id, data });
    return id;
  }

  /** @throws as `ask` does */
  tell(event: string, data: unknown): void {
    this.checkOpen();
    this.outbox.add(this.outbox.encode({ event, data, ...this.traced }));
  }

  private get traced(): { trace?: string } {
    const trace = this.options.trace?.();
    return trace === undefined ? {} : { trace };
  }

  private checkOpen(): void {
    if (this.ended) throw this.ended;
    this.outbox.checkRoom();
  }

  /** The server answers with what it has received. */
  ping(transport?: ClientTransport): void {
    this.outbox.say(PING_EVENT, { data: { received: this.received } }, transport);
  }

  /** The answer is not wanted any more. Nobody tells the asker. */
  cancel(id: number): void {
    if (this.requests.forget(id)) this.outbox.say(CANCEL_EVENT, { id });
    else this.outbox.withdraw(id);
  }

  /** A plain session begins with its connection, and the one before has ended. */
  beginPlain(transport: ClientTransport): void {
    this.restart();
    this.goOn(transport);
  }

  /**
   * @param transport what it came by
   * @returns whether the session goes on, or did begin, with this message
   */
  receive(message: ServerMessage, transport: ClientTransport): boolean {
    if (message.event === SESSION_EVENT) {
      this.begin(message.data as SessionData, transport);
      return true;
    }
    // the server counts its answers, whatever their name
    const isControl = message.id === undefined && message.event.startsWith(RESERVED_PREFIX);
    if (isControl) this.control(message);
    else this.deliver(message);
    return false;
  }

  private control({ event, data }: ServerMessage): void {
    if (event === PONG_EVENT) this.ponged(data as SessionData);
    else if (event === JOINED_EVENT) this.tellGap(this.places.joined(data as ChannelStart));
    else if (event === GAP_EVENT) this.missed(data as ChannelStart | MissedMessages);
  }

  /** Whatever the server had kept for us came before this. */
  private ponged({ received }: SessionData): void {
    this.outbox.acknowledge(received);
    for (const id of this.requests.loseDoubtful()) this.outbox.say(CANCEL_EVENT, { id });
  }

  private missed(gap: ChannelStart | MissedMessages): void {
    if ('channel' in gap) return this.tellGap(this.places.joined({ ...gap, recovered: false }));
    this.received += gap.missed;
    this.requests.doubt(this.receivedByServer);
    this.gaps$.next({ channel: undefined });
    this.ping();
  }

  private tellGap(gap: Gap | undefined): void {
    if (gap) this.gaps$.next(gap);
  }

  private begin(info: SessionData, transport: ClientTransport): void {
    if (typeof info.secret !== 'string') throw new TypeError('a session without a secret');
    const isReturning = this.info !== undefined;
    // over HTTP a lost session is replaced by one that was asked for as a new one, and does not wait for this
    const isAwaited = info.resumed || (isReturning && transport.kind === 'websocket');
    this.info = info;
    this.isForgotten = false;
    if (!info.resumed) this.restart();
    if (isAwaited) this.sayWhereWeAre(transport);
    this.places.doubt();
    if (isReturning && !info.resumed) this.gaps$.next({ channel: undefined });
    this.receivedByServer = info.received;
    this.outbox.acknowledge(info.received);
    this.outbox.repeat(transport);
    this.goOn(transport);
  }

  private sayWhereWeAre(transport: ClientTransport): void {
    const data = { received: this.received, cursors: this.places.cursors };
    this.outbox.say(RESUME_EVENT, { data }, transport);
  }

  private restart(): void {
    this.received = 0;
    this.outbox.restart();
    this.requests.loseSent();
  }

  private goOn(transport: ClientTransport): void {
    this.requests.connected();
    if (this.requests.hasDoubtful) this.ping(transport);
    this.outbox.attach(transport);
  }

  private deliver(message: ServerMessage): void {
    if (message.channel === undefined) this.count();
    else this.places.passed(message.channel, message.cursor);
    if (message.id === undefined) return this.messages$.next(message);
    const number = this.requests.answer(message);
    if (number !== undefined) this.outbox.acknowledge(number);
    else if (message.more && this.requests.isStray(message.id))
      this.outbox.say(CANCEL_EVENT, { id: message.id });
  }

  private count(): void {
    if (++this.received % ACKNOWLEDGE_AFTER > 0 || !this.options.isResumable) return;
    this.outbox.say(ACK_EVENT, { data: { received: this.received } });
  }

  /**
   * The server knows the session no more: the next connection asks for a new one.
   * @returns false when there is none to forget
   */
  forget(): boolean {
    const isKnown = this.info !== undefined && !this.isForgotten;
    this.isForgotten = true;
    return isKnown;
  }

  /** The connection is gone; the session may come back. */
  detach(): void {
    this.outbox.detach();
  }

  /** @param error what everything that is still asked for, now or later, fails with */
  end(error: Error): void {
    this.ended = error;
    this.detach();
    this.outbox.clear();
    this.requests.failAll(error);
    this.messages$.complete();
    this.gaps$.complete();
  }
}
