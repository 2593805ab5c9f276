/**
 * A session and its parts. A plain session ends with its connection. The session itself knows its transport
 * only through the port, and exists before there is one: `open` binds it when the client was accepted.
 */
import { AsyncSubject, type Observable } from 'rxjs';
import { type Codec, encodeException } from '../protocol/codec/index.js';
import { type ChannelStart, GAP_EVENT, RESERVED_PREFIX } from '../protocol/envelope/index.js';
import { type ChannelName, readChannelName } from './channel-name.js';
import { checkClose } from './check-close.js';
import { type CloseDetails, SessionCloseCode } from './close-details.js';
import { createId } from './create-id.js';
import { Dispatcher, type DispatchingSession } from './dispatcher.js';
import { ReservedEventError } from './errors.js';
import { tooSlow } from './exceptions.js';
import type { JoinOptions } from './gateway-session.js';
import { JoinedChannels, type JoiningSession } from './joined-channels.js';
import type { JoinResult } from './membership.js';
import type { SessionHost } from './message-handler.js';
import { Outbound, type OutboundOwner, type Outlet } from './outbound.js';
import { createOutlet } from './outlet.js';
import type { Overflow } from './overflow.js';
import { ArrivedSession, type SessionOrigin } from './session-origin.js';
import type { Outgoing, SessionTransport, TransportEvents, TransportOffer } from './transport.js';

const TOO_SLOW = 'too slow';
/** For the client: after a second its bucket is full again. */
const RETRY_HINT = 'retry=1000';

export class Session
  extends ArrivedSession
  implements TransportEvents, JoiningSession, OutboundOwner, DispatchingSession
{
  protected readonly outbound: Outbound;
  protected connection: SessionTransport | undefined;
  protected state: 'new' | 'open' | 'closing' | 'ended' = 'new';
  // what most sessions never need is made when they do
  private ownId: string | undefined;
  protected channels: JoinedChannels | undefined;
  protected earlyClose: { code: number; reason: string } | undefined;
  private end$: AsyncSubject<CloseDetails> | undefined;
  private end: CloseDetails | undefined;
  private ownData: Record<string, unknown> | undefined;
  private readonly dispatcher: Dispatcher;

  constructor(
    origin: SessionOrigin,
    readonly host: SessionHost,
  ) {
    super(origin);
    this.outbound = this.createOutbound();
    this.dispatcher = new Dispatcher(this, host, this.outbound);
  }

  protected createOutbound(): Outbound {
    return new Outbound(this.host.limits, this);
  }

  get id(): string {
    return (this.ownId ??= createId());
  }

  get resumable(): boolean {
    return false;
  }

  get data(): Record<string, unknown> {
    return (this.ownData ??= {});
  }

  get closed$(): Observable<CloseDetails> {
    if (!this.end$) {
      this.end$ = new AsyncSubject();
      if (this.end) this.tellEnd(this.end);
    }
    return this.end$;
  }

  /** How the session ended; undefined as long as it has not. */
  get details(): CloseDetails | undefined {
    return this.end;
  }

  /** @internal */
  get codec(): Codec {
    return this.host.codec;
  }

  push(event: string, data: unknown): void {
    if (event.startsWith(RESERVED_PREFIX)) throw new ReservedEventError(event);
    this.host.checkPush?.(event, data);
    this.outbound.send(this.codec.encode({ event, data }));
  }

  join(channel: ChannelName): Promise<void>;
  join(channel: ChannelName, options: JoinOptions): Promise<JoinResult>;
  join(channel: ChannelName, options?: JoinOptions): Promise<unknown> {
    const name = readChannelName(channel);
    const joined = (this.channels ??= this.createChannels()).join(name, options?.from);
    if (options) return joined;
    const done = joined.then(() => undefined);
    // who does not wait for it must not end the process by it
    done.catch(() => undefined);
    return done;
  }

  protected createChannels(): JoinedChannels {
    const { limits, membership } = this.host;
    return new JoinedChannels(this, membership, limits.channels, this.state === 'open');
  }

  leave(channel: ChannelName): void {
    this.channels?.leave(readChannelName(channel));
  }

  close(code = 1000, reason = ''): void {
    checkClose(code, reason);
    if (!this.beginClosing()) return;
    if (this.connection) this.connection.close(code, reason);
    else this.earlyClose = { code, reason };
  }

  /** Closes the connection only: a resumable session may go on with another one, a plain one is over. */
  closeConnection(code: number, reason: string): void {
    this.close(code, reason);
  }

  /** @returns false when the end has begun already */
  protected beginClosing(): boolean {
    if (this.state === 'closing' || this.state === 'ended') return false;
    this.state = 'closing';
    this.stop();
    return true;
  }

  /** Drops the connection without a closing handshake. */
  terminate(): void {
    this.connection?.terminate();
  }

  /**
   * The client was let in: what was pushed, joined or closed until now takes effect.
   * @throws what `connect` throws; nothing has changed then
   */
  attach(offer: TransportOffer): void {
    this.open(offer.connect(this));
  }

  private open(transport: SessionTransport): void {
    this.connection = transport;
    this.outbound.open(transport);
    if (this.earlyClose) {
      this.outbound.end();
      return transport.close(this.earlyClose.code, this.earlyClose.reason);
    }
    this.state = 'open';
    this.channels?.open();
  }

  /** @internal */
  message(data: string | Uint8Array): void {
    this.dispatcher.receive(data);
  }

  /** @internal */
  drained(): void {
    this.outbound.drained();
  }

  /** @internal The connection is gone, or never came to be. */
  closed(code: number, reason: string, clean: boolean): void {
    if (this.state === 'ended') return;
    this.state = 'ended';
    this.stop();
    this.end = { code, reason, clean };
    if (this.end$) this.tellEnd(this.end);
    this.host.ended(this, this.end);
  }

  private tellEnd(details: CloseDetails): void {
    this.end$?.next(details);
    this.end$?.complete();
  }

  private stop(): void {
    this.dispatcher.end();
    this.channels?.leaveAll();
    if (this.connection || this.state === 'ended') this.outbound.end();
  }

  /** @internal */
  pauseReading(): void {
    this.connection?.pause();
  }

  /** @internal */
  resumeReading(): void {
    this.connection?.resume();
  }

  /** @internal */
  outboundOverflowed(): void {
    const { connection } = this;
    if (!connection) return this.close(SessionCloseCode.tooSlow, TOO_SLOW);
    if (this.beginClosing()) connection.cutOff(SessionCloseCode.tooSlow, TOO_SLOW);
  }

  /** @internal */
  tooManyBadMessages(): void {
    this.close(SessionCloseCode.badProtocol, `${this.host.limits.badMessages} bad messages in a row`);
  }

  /** @internal */
  tooManyMessages(): void {
    this.closeConnection(SessionCloseCode.tooMany, RETRY_HINT);
  }

  /** @internal */
  openOutlet(channel: string, overflow: Overflow): Outlet {
    return createOutlet(this.outbound.publications, overflow, () => {
      this.leave(channel);
      const message = encodeException(this.codec, undefined, tooSlow(`channel "${channel}"`));
      if (message !== undefined) this.outbound.sendBeyondLimit(message);
    });
  }

  /** @internal */
  joinFailed(channel: string, error: unknown): void {
    this.host.report(error, `joining channel "${channel}"`);
  }

  /** @internal */
  gap(channel: string, cursor: string | undefined): void {
    const start: ChannelStart = { channel, cursor, recovered: false };
    this.sendControl(GAP_EVENT, start);
  }

  protected sendControl(event: string, data: object): void {
    if (this.codec.hasEnvelope) this.outbound.sendControl(this.encodeControl(event, data));
  }

  protected encodeControl(event: string, data: object): Outgoing {
    return this.codec.encode({ event, data });
  }

  /** @internal */
  keepingUp(): Promise<void> | undefined {
    if (this.state !== 'open' || !this.outbound.isSlow) return undefined;
    return new Promise((resolve) => this.outbound.whenDrained({ release: () => resolve() }));
  }
}
