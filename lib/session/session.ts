/**
 * A session and its parts. A plain session ends with its connection. The session itself knows its transport
 * only through the port, and exists before there is one: `open` binds it when the client was accepted.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { type ParsedUrlQuery, parse } from 'node:querystring';
import { AsyncSubject, type Observable } from 'rxjs';
import { encodeException, encodeMessage } from '../protocol/envelope/index.js';
import { isCloseCodeOnWire } from '../protocol/websocket/index.js';
import { type ChannelName, readChannelName } from './channel-name.js';
import { type CloseDetails, SessionCloseCode } from './close-details.js';
import { Dispatcher, type DispatchingSession } from './dispatcher.js';
import { InvalidCloseError } from './errors.js';
import { tooSlow } from './exceptions.js';
import { GatewaySession } from './gateway-session.js';
import { JoinedChannels } from './joined-channels.js';
import type { ChannelMember } from './membership.js';
import type { SessionHost } from './message-handler.js';
import { Outbound, type OutboundOwner, type Outlet } from './outbound.js';
import { createOutlet } from './outlet.js';
import type { Overflow } from './overflow.js';
import type { SessionTransport, TransportEvents, TransportKind } from './transport.js';

/** Where a session comes from. */
export interface SessionOrigin {
  readonly request: IncomingMessage;
  readonly transport: TransportKind;
  /** Path and query. */
  readonly url: string;
  readonly params: Readonly<Record<string, string>>;
  readonly remoteAddress: string;
}

const MAX_REASON_BYTES = 123;
const TOO_SLOW = 'too slow';

export class Session
  extends GatewaySession
  implements TransportEvents, ChannelMember, OutboundOwner, DispatchingSession
{
  readonly id = randomUUID();
  readonly resumable = false;
  private readonly outbound: Outbound;
  private readonly dispatcher: Dispatcher;
  private connection: SessionTransport | undefined;
  private state: 'new' | 'open' | 'closing' | 'ended' = 'new';
  // what most sessions never need is made when they do
  private channels: JoinedChannels | undefined;
  private earlyClose: { code: number; reason: string } | undefined;
  private end$: AsyncSubject<CloseDetails> | undefined;
  private end: CloseDetails | undefined;
  private ownUser: unknown;
  private ownData: Record<string, unknown> | undefined;
  private parsedQuery: ParsedUrlQuery | undefined;

  constructor(
    private readonly origin: SessionOrigin,
    private readonly host: SessionHost,
  ) {
    super();
    this.outbound = new Outbound(host.limits, this);
    this.dispatcher = new Dispatcher(this, host, this.outbound);
  }

  get transport(): TransportKind {
    return this.origin.transport;
  }

  get request(): IncomingMessage {
    return this.origin.request;
  }

  get headers(): IncomingHttpHeaders {
    return this.origin.request.headers;
  }

  get url(): string {
    return this.origin.url;
  }

  get query(): ParsedUrlQuery {
    return (this.parsedQuery ??= parse(this.url.split('?').slice(1).join('?')));
  }

  get params(): Readonly<Record<string, string>> {
    return this.origin.params;
  }

  get remoteAddress(): string {
    return this.origin.remoteAddress;
  }

  get user(): unknown {
    return this.ownUser ?? (this.origin.request as { user?: unknown }).user;
  }

  set user(user: unknown) {
    this.ownUser = user;
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

  push(event: string, data: unknown): void {
    this.outbound.send(encodeMessage(event, undefined, data));
  }

  join(channel: ChannelName): Promise<void> {
    const { limits, membership } = this.host;
    this.channels ??= new JoinedChannels(this, membership, limits.channels, this.state === 'open');
    return this.channels.join(readChannelName(channel));
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

  /** @returns false when the end has begun already */
  private beginClosing(): boolean {
    if (this.state === 'closing' || this.state === 'ended') return false;
    this.state = 'closing';
    this.stop();
    return true;
  }

  /** Drops the connection without a closing handshake. */
  terminate(): void {
    this.connection?.terminate();
  }

  /** The client was accepted: what was pushed, joined or closed until now takes effect. */
  open(transport: SessionTransport): void {
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
  openOutlet(channel: string, overflow: Overflow): Outlet {
    return createOutlet(this.outbound, overflow, () => {
      this.leave(channel);
      this.outbound.sendBeyondLimit(encodeException(undefined, tooSlow(`channel "${channel}"`)));
    });
  }
}

function checkClose(code: number, reason: string): void {
  if (!isCloseCodeOnWire(code)) throw new InvalidCloseError(`close code ${code} must not be sent`);
  const bytes = Buffer.byteLength(reason);
  if (bytes > MAX_REASON_BYTES) {
    throw new InvalidCloseError(`close reason of ${bytes} bytes exceeds the limit of ${MAX_REASON_BYTES}`);
  }
}
