/**
 * A session that outlives its connections (WIRE §2).
 *
 * Theory of operation. It is *online* while what it sends reaches a client that is in step: messages go to the
 * connection, channels are joined. It is *offline* without a connection, and also between a client's return
 * and its `nestwire:resume`: then messages of its own wait in the ring, channels are only noted, and handlers
 * and streams go on as with a client that reads slowly. A connection that breaks off makes it offline; a newer
 * one takes the place of an older, whose events count no more. It ends when the client says goodbye (1000,
 * 1001), by `close`, or when its registry's patience does.
 */
import {
  type ClientMessage,
  RESUME_EVENT,
  SESSION_EVENT,
  type SessionData,
  readResume,
} from '../protocol/envelope/index.js';
import { Attachment, type AttachmentOwner } from './attachment.js';
import { type CloseDetails, SessionCloseCode } from './close-details.js';
import type { SessionHost } from './message-handler.js';
import { NumberedSession } from './numbered-session.js';
import { ResumeDeadline } from './resume-deadline.js';
import type { SessionKeeper } from './session-keeper.js';
import type { Return, SessionOrigin } from './session-origin.js';
import { SessionSecret } from './session-ticket.js';
import type { SessionTransport, TransportOffer } from './transport.js';

const BROKEN_OFF: CloseDetails = { code: 1006, reason: '', clean: false };
/** Close codes of clients that don't come back; 1005 is a close frame without one. */
const LEAVING = [1000, 1001, 1005];

export class ResumableSession extends NumberedSession implements AttachmentOwner {
  /** @internal */
  attachment: Attachment | undefined;
  private readonly secret = new SessionSecret();
  private lastEnd = BROKEN_OFF;
  isExpected = false; // made over HTTP, and nobody has connected yet
  private readonly resumeDeadline = new ResumeDeadline(() =>
    this.closeConnection(SessionCloseCode.timedOut, `no ${RESUME_EVENT}`),
  );

  constructor(
    origin: SessionOrigin,
    host: SessionHost,
    private readonly keeper: SessionKeeper<ResumableSession>,
  ) {
    super(origin, host);
  }

  override get resumable(): boolean {
    return true;
  }

  /** Whether it can't be resumed any more. */
  get isOver(): boolean {
    return this.state === 'closing' || this.state === 'ended';
  }

  matches(secret: string): boolean {
    return this.secret.matches(secret);
  }

  override attach(offer: TransportOffer): void {
    const transport = this.bind(offer);
    this.goOnline(transport, 0);
  }

  /** For a client whose former session is gone: takes effect when it has told the cursors that it has. */
  attachReturning(offer: TransportOffer): void {
    this.bind(offer);
    this.resumeDeadline.start(this.host.limits.handshakeMs);
  }

  /** The cursors that the client brought: for the channels that the session is in, and those that it joins. */
  goOnFrom(cursors: ReadonlyMap<string, string>): void {
    (this.channels ??= this.createChannels()).name(cursors);
  }

  /** The client was let in, and will connect by another request. @returns what it has to know for that */
  expect(): SessionData {
    this.isExpected = true;
    this.keeper.attached(this);
    this.keeper.detached(this);
    return this.introduction(0, undefined, false);
  }

  /** @returns whether this secret came with the last connection; the client then has it, and older ones hold no more */
  useSecret(secret: string): boolean {
    return this.secret.use(secret);
  }

  /** The client came back: from now on this connection counts, and none before it. */
  reattach({ origin, user, secret }: Return, offer: TransportOffer): void {
    const isFirst = this.isExpected;
    this.isExpected = false;
    const transport = this.bind(offer, secret, !isFirst);
    this.arriveAgain(origin, user);
    if (isFirst) this.goOnline(transport, 0);
    else this.resumeDeadline.start(this.host.limits.handshakeMs);
  }

  /** @param used the secret that the client came with */
  private bind(offer: TransportOffer, used?: string, resumed = false): SessionTransport {
    const attachment = new Attachment(this);
    const transport = offer.connect(attachment);
    this.connection?.close(SessionCloseCode.replaced, 'replaced by a newer connection');
    this.goOffline();
    this.state = 'open';
    this.attachment = attachment;
    this.setConnection(transport);
    this.keeper.attached(this);
    const introduction = this.introduction(offer.heartbeatMs, used, resumed);
    transport.send(this.encodeControl(SESSION_EVENT, introduction));
    return transport;
  }

  private introduction(heartbeatMs: number, used: string | undefined, resumed: boolean): SessionData {
    const { id, received, host } = this;
    const secret = this.secret.renew(used);
    return { id, secret, resumed, received, heartbeatMs, windowMs: host.limits.resumeWindowMs };
  }

  private goOffline(): void {
    this.resumeDeadline.stop();
    this.setConnection(undefined);
    this.attachment = undefined;
    this.outbound.detach();
    this.channels?.suspend();
  }

  /** The connection is gone, the session is not. */
  private detach(details: CloseDetails): void {
    this.lastEnd = details;
    this.goOffline();
    this.keeper.detached(this);
  }

  /** @internal */
  connectionClosed(details: CloseDetails): void {
    const { code, reason, clean } = details;
    if (this.isOver || LEAVING.includes(code)) this.closed(code, reason, clean);
    else this.detach(details);
  }

  /** Nobody came back in time, or there is no room for it any more. */
  expire(): void {
    const { code, reason, clean } = this.lastEnd;
    this.closed(code, reason, clean);
  }

  override closed(code: number, reason: string, clean: boolean): void {
    this.resumeDeadline.stop();
    this.keeper.forget(this);
    super.closed(code, reason, clean);
  }

  override close(code?: number, reason?: string): void {
    const isDetached = (this.state === 'open' || this.isExpected) && !this.connection;
    super.close(code, reason);
    if (isDetached) this.closed(code ?? 1000, reason ?? '', false);
  }

  override closeConnection(code: number, reason: string): void {
    const { connection } = this;
    if (this.isOver || !connection) return;
    this.detach({ code, reason, clean: false });
    connection.close(code, reason);
  }

  protected override beginClosing(): boolean {
    const begins = super.beginClosing();
    if (begins) this.keeper.forget(this);
    return begins;
  }

  /** @internal */
  override outboundOverflowed(): void {
    const { connection } = this;
    if (this.isOver || !connection) return;
    this.detach({ code: SessionCloseCode.tooSlow, reason: 'too slow', clean: false });
    connection.cutOff(SessionCloseCode.tooSlow, 'too slow');
  }

  /** @internal */
  retained(bytes: number): void {
    this.keeper.retained(this, bytes);
  }

  /** @internal */
  resume(message: ClientMessage): boolean {
    const { connection } = this;
    if (!connection || !this.resumeDeadline.isRunning) return false;
    const data = readResume(message);
    if (!data || data.received > this.outbound.sent) {
      this.closeConnection(SessionCloseCode.badProtocol, `no meaningful ${RESUME_EVENT}`);
      return true;
    }
    this.resumeDeadline.stop();
    this.goOnFrom(data.cursors);
    this.goOnline(connection, data.received);
    return true;
  }
}
