import type { Observable } from 'rxjs';
import type { ChannelName } from './channel-name.js';
import type { CloseDetails } from './close-details.js';
import type { JoinOptions } from './gateway-session.js';
import type { JoinResult } from './join-result.js';
import type { ResumableSession } from './resumable-session.js';
import { ArrivedSession, type SessionOrigin } from './session-origin.js';
import type { TransportOffer } from './transport.js';

/**
 * A client that wants its session back, while guards decide about it: its request and its user are those of
 * today, all else is the session's. Nothing of the session changes unless the client is let in.
 */
export class ReturningSession extends ArrivedSession {
  constructor(
    private readonly arrival: SessionOrigin,
    private readonly session: ResumableSession,
    private readonly secret: string,
  ) {
    super(arrival);
  }

  get id(): string {
    return this.session.id;
  }

  get resumable(): boolean {
    return true;
  }

  get data(): Record<string, unknown> {
    return this.session.data;
  }

  get closed$(): Observable<CloseDetails> {
    return this.session.closed$;
  }

  /** Whether the session ended meanwhile. */
  get isOver(): boolean {
    return this.session.isOver;
  }

  push(event: string, data: unknown): void {
    this.session.push(event, data);
  }

  join(channel: ChannelName): Promise<void>;
  join(channel: ChannelName, options: JoinOptions): Promise<JoinResult>;
  join(channel: ChannelName, options?: JoinOptions): Promise<unknown> {
    return options ? this.session.join(channel, options) : this.session.join(channel);
  }

  leave(channel: ChannelName): void {
    this.session.leave(channel);
  }

  close(code?: number, reason?: string): void {
    this.session.close(code, reason);
  }

  /** The client was let in; as `Session.attach`. */
  attach(offer: TransportOffer): void {
    this.session.reattach({ origin: this.arrival, user: this.user, secret: this.secret }, offer);
  }

  /** The client was let in with other credentials, by a request of the connection that it has. */
  arrive(): void {
    this.session.arriveAgain(this.arrival, this.user);
  }
}
