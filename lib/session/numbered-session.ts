/**
 * What a resumable session and its client tell each other beside the application's messages: how many messages
 * each side got, where the session stands in its channels, and what was lost. `ResumableSession` adds the
 * connections that this goes over.
 */
import {
  type ChannelStart,
  type ClientMessage,
  GAP_EVENT,
  JOINED_EVENT,
  type MissedMessages,
  PONG_EVENT,
} from '../protocol/envelope/index.js';
import { obeyControl, type ControlledSession } from './obey-control.js';
import { ResumableChannels } from './resumable-channels.js';
import { ResumableOutbound, type ResumableOutboundOwner } from './resumable-outbound.js';
import { Session } from './session.js';
import type { SessionTransport } from './transport.js';

export abstract class NumberedSession extends Session implements ControlledSession, ResumableOutboundOwner {
  declare protected readonly outbound: ResumableOutbound;
  declare protected channels: ResumableChannels | undefined;
  /** Messages of the client, control messages not counted. */
  protected received = 0;
  private isReadingPaused = false;

  /** @internal */
  abstract resume(message: ClientMessage): boolean;
  /** @internal */
  abstract retained(bytes: number): void;

  protected override createOutbound(): ResumableOutbound {
    return new ResumableOutbound(this.host.limits, this);
  }

  protected override createChannels(): ResumableChannels {
    const { limits, membership } = this.host;
    const isOnline = this.state === 'open' && this.outbound.isOnline;
    return new ResumableChannels(this, membership, limits.channels, isOnline);
  }

  /** What it sent and could send again. */
  get keptBytes(): number {
    return this.outbound.keptBytes;
  }

  /** The client is in step, having got `received` messages: what it missed, then what comes. */
  protected goOnline(transport: SessionTransport, received: number): void {
    this.outbound.resume(transport, received, (missed) => {
      const data: MissedMessages = { missed };
      this.sendControl(GAP_EVENT, data);
    });
    if (this.isReadingPaused) transport.pause();
    (this.channels ??= this.createChannels()).open();
    if (this.earlyClose) this.close(this.earlyClose.code, this.earlyClose.reason);
  }

  /** A message of the client, by whichever way it came. Those with a reserved name are not counted. */
  override message(data: string | Uint8Array): void {
    this.received++;
    super.message(data);
  }

  /** @internal */
  control(message: ClientMessage): boolean {
    this.received--;
    return obeyControl(message, this);
  }

  /** @internal */
  acknowledge(received: number): void {
    if (received <= this.outbound.sent) this.outbound.acknowledge(received);
  }

  /** @internal */
  pong(): void {
    const { connection, outbound } = this;
    if (!connection) return;
    if (outbound.isOverfilled(connection)) return this.outboundOverflowed();
    connection.send(this.encodeControl(PONG_EVENT, { received: this.received }));
  }

  /** @internal */
  joined(channel: string, cursor: string, recovered: true | undefined): void {
    this.channels?.standsAt(channel, cursor);
    const start: ChannelStart = { channel, cursor, recovered };
    this.sendControl(JOINED_EVENT, start);
  }

  /** @internal */
  override gap(channel: string, cursor: string | undefined): void {
    if (cursor !== undefined) this.channels?.standsAt(channel, cursor);
    super.gap(channel, cursor);
  }

  /** @internal */
  override pauseReading(): void {
    this.isReadingPaused = true;
    super.pauseReading();
  }

  /** @internal */
  override resumeReading(): void {
    this.isReadingPaused = false;
    super.resumeReading();
  }
}
