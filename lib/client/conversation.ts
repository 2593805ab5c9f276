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
import { QueueFullError } from './errors.js';
import type { Gap } from './gap.js';
import { type Asker, OpenRequests, type ServerMessage, UNCOUNTED } from './open-requests.js';
import { SentLog } from './sent-log.js';
import type { ClientTransport } from './transport/transport.js';

interface Queued {
  readonly text: string;
  /** Undefined: no answer is asked for. */
  readonly id: number | undefined;
}

/** With so many messages that nothing acknowledged, or half of what may wait, the server is asked what it got. */
const ASK_AFTER = 64;

/** After so many messages of the server it is told, so that it need not keep them. */
const ACKNOWLEDGE_AFTER = 32;

export class Conversation {
  /** Pushes and publications. */
  readonly messages$ = new Subject<ServerMessage>();
  readonly gaps$ = new Subject<Gap>();
  private readonly requests = new OpenRequests();
  private readonly log = new SentLog();
  private readonly places = new ChannelPlaces();
  private readonly askAfter: number;
  private queue: Queued[] = [];
  private info: SessionData | undefined;
  /** Messages of the server that came in this session. */
  private received = 0;
  /** Our messages that the server had when this connection began. */
  private receivedByServer = 0;
  private transport: ClientTransport | undefined;
  private isForgotten = false;
  private ended: Error | undefined;

  constructor(
    private readonly isResumable: boolean,
    private readonly maxQueued: number,
    private readonly trace?: () => string | undefined,
  ) {
    this.askAfter = Math.min(ASK_AFTER, Math.ceil(maxQueued / 2));
  }

  /** What the next connection asks for. */
  get ticket(): string | undefined {
    if (!this.isResumable) return undefined;
    return this.info && !this.isForgotten ? `${this.info.id}.${this.info.secret}` : 'new';
  }

  get heartbeatMs(): number | undefined {
    return this.info?.heartbeatMs;
  }

  /** @throws QueueFullError, ClientClosedError */
  ask(data: unknown, asker: Asker): number {
    this.checkQueue();
    const text = JSON.stringify({
      event: asker.event,
      id: this.requests.nextId,
      data,
      trace: this.trace?.(),
    });
    const id = this.requests.add(asker);
    this.enqueue({ text, id });
    return id;
  }

  /**
   * Asks the library at the other end, which counts no such message: it goes now or never.
   * @returns undefined when there is no connection; nobody tells the asker
   */
  askNow(data: unknown, asker: Asker): number | undefined {
    if (!this.transport) return undefined;
    const id = this.requests.add(asker);
    this.requests.sent(id, UNCOUNTED);
    this.say(asker.event, { id, data });
    return id;
  }

  /** @throws QueueFullError, ClientClosedError */
  tell(event: string, data: unknown): void {
    this.checkQueue();
    this.enqueue({ text: JSON.stringify({ event, data, trace: this.trace?.() }), id: undefined });
  }

  private checkQueue(): void {
    if (this.ended) throw this.ended;
    if (this.queue.length + this.log.size >= this.maxQueued) throw new QueueFullError(this.maxQueued);
  }

  private enqueue(message: Queued): void {
    if (this.transport) this.pass(this.transport, message);
    else this.queue.push(message);
  }

  private pass(transport: ClientTransport, { text, id }: Queued): void {
    const number = this.isResumable ? this.log.add(text) : 0;
    if (id !== undefined) this.requests.sent(id, number);
    transport.send(text);
    if (number > 0 && this.log.size % this.askAfter === 0) this.ping();
  }

  /** The server answers with what it has received. */
  ping(): void {
    this.say(PING_EVENT, { data: { received: this.received } });
  }

  /** The answer is not wanted any more. Nobody tells the asker. */
  cancel(id: number): void {
    if (this.requests.forget(id)) this.say(CANCEL_EVENT, { id });
    else this.queue = this.queue.filter((queued) => queued.id !== id);
  }

  /** Not numbered; what cannot go now is not sent later. */
  private say(event: string, message: object = {}): void {
    this.transport?.send(JSON.stringify({ event, ...message }));
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
    this.log.acknowledge(received);
    for (const id of this.requests.loseDoubtful()) this.say(CANCEL_EVENT, { id });
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
    const isReturning = this.info !== undefined;
    // a session that we asked for as a new one does not wait for this
    const isAwaited = isReturning && !this.isForgotten;
    this.info = info;
    this.isForgotten = false;
    if (!info.resumed) this.restart();
    if (isAwaited) this.sayWhereWeAre(transport);
    else this.places.doubt();
    if (isReturning && !info.resumed) this.gaps$.next({ channel: undefined });
    this.receivedByServer = info.received;
    this.log.acknowledge(info.received);
    for (const text of this.log.unacknowledged) transport.send(text);
    this.goOn(transport);
  }

  private sayWhereWeAre(transport: ClientTransport): void {
    const data = { received: this.received, cursors: this.places.cursors };
    transport.send(JSON.stringify({ event: RESUME_EVENT, data }));
  }

  private restart(): void {
    this.received = 0;
    this.log.restart();
    this.requests.loseSent();
  }

  private goOn(transport: ClientTransport): void {
    this.transport = transport;
    this.requests.connected();
    if (this.requests.hasDoubtful) this.ping();
    const { queue } = this;
    this.queue = [];
    for (const message of queue) this.pass(transport, message);
  }

  private deliver(message: ServerMessage): void {
    if (message.channel === undefined) this.count();
    else this.places.passed(message.channel, message.cursor);
    if (message.id === undefined) return this.messages$.next(message);
    const number = this.requests.answer(message);
    if (number !== undefined) this.log.acknowledge(number);
    else if (message.more && this.requests.isStray(message.id)) this.say(CANCEL_EVENT, { id: message.id });
  }

  private count(): void {
    if (++this.received % ACKNOWLEDGE_AFTER > 0 || !this.isResumable) return;
    this.say(ACK_EVENT, { data: { received: this.received } });
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
    this.transport = undefined;
  }

  /** @param error what everything that is still asked for, now or later, fails with */
  end(error: Error): void {
    this.ended = error;
    this.detach();
    this.queue = [];
    this.requests.failAll(error);
    this.messages$.complete();
    this.gaps$.complete();
  }
}
