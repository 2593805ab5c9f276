/**
 * Everything that leaves a resumable session. Its own messages (answers, items of streams, pushes) are
 * numbered and kept in a ring, whether there is a connection or not. Publications pass beside the ring, and
 * only while there is one: they come back from the history of their channel.
 */
import type { Limits } from './limits.js';
import { MessageRing } from './message-ring.js';
import { type DrainWaiter, type Lane, Outbound, type OutboundOwner, sizeOf } from './outbound.js';
import type { Outgoing, SessionTransport } from './transport.js';

export interface ResumableOutboundOwner extends OutboundOwner {
  /** What is kept for a client without a connection grew by so many bytes, or shrank. */
  retained(bytes: number): void;
}

export class ResumableOutbound extends Outbound {
  private readonly ring: MessageRing;
  private publicationLane: Lane | undefined;

  constructor(
    limits: Limits,
    protected override readonly owner: ResumableOutboundOwner,
  ) {
    super(limits, owner);
    // what is sent again must not overflow the queue by itself
    this.ring = new MessageRing(limits.ringMessages, Math.min(limits.ringBytes, limits.outboundBytes));
  }

  override get publications(): Lane {
    return (this.publicationLane ??= new PublicationLane(this));
  }

  get isOnline(): boolean {
    return this.transport !== undefined;
  }

  /** Messages that were numbered. */
  get sent(): number {
    return this.ring.sent;
  }

  get keptBytes(): number {
    return this.ring.bytes;
  }

  /** Without a connection it is the ring that must not overflow. */
  override get limitBytes(): number {
    return this.transport ? super.limitBytes : this.ring.maxBytes;
  }

  /** Over the limit the connection goes, and the message stays: in the ring, which is bounded by itself. */
  override send(message: Outgoing): void {
    if (this.ended) return;
    if (this.transport && this.isFull) this.overflowed();
    this.pass(message);
  }

  override sendBeyondLimit(message: Outgoing): void {
    this.send(message);
  }

  override sendControl(message: Outgoing): void {
    const { transport } = this;
    if (!transport || this.ended) return;
    if (this.isOverfilled(transport)) this.owner.outboundOverflowed();
    else transport.send(message);
  }

  /** A client can have us send any number of control messages, which are not kept: these too have to be read. */
  isOverfilled({ queuedBytes }: SessionTransport): boolean {
    return queuedBytes > 2 * this.limits.outboundBytes;
  }

  sendPublication(message: Outgoing): void {
    if (!this.transport || this.ended) return;
    if (this.isFull) return this.overflowed();
    this.tellSent(message);
    this.transport.send(message);
  }

  protected override pass(message: Outgoing): void {
    if (this.ended) return;
    this.tellSent(message);
    const before = this.ring.bytes;
    this.ring.add(message);
    if (this.transport) return this.transport.send(message);
    this.waitingBytes += sizeOf(message);
    this.owner.retained(this.ring.bytes - before);
  }

  acknowledge(received: number): void {
    this.ring.acknowledge(received);
  }

  /** The connection is gone. */
  detach(): void {
    this.transport = undefined;
    this.waitingBytes = 0;
  }

  /**
   * The client is there again and has got `received` messages: what follows is sent again.
   * @param lost told before that, if there are any, how many are not kept any more
   */
  resume(transport: SessionTransport, received: number, lost: (missed: number) => void): void {
    const missed = this.ring.missedAfter(received);
    this.ring.acknowledge(received);
    super.open(transport);
    if (missed > 0) lost(missed);
    for (const message of this.ring.kept()) transport.send(message);
    this.drained();
  }

  override end(): void {
    super.end();
    this.ring.clear();
  }
}

/** The outbound queue without numbering. */
class PublicationLane implements Lane {
  constructor(private readonly outbound: ResumableOutbound) {}

  get isFull(): boolean {
    return this.outbound.isFull;
  }

  get isSlow(): boolean {
    return this.outbound.isSlow;
  }

  get limitBytes(): number {
    return this.outbound.limitBytes;
  }

  send(message: Outgoing): void {
    this.outbound.sendPublication(message);
  }

  whenDrained(waiter: DrainWaiter): void {
    this.outbound.whenDrained(waiter);
  }

  release(): void {
    // nothing is held back here
  }

  discard(): void {
    // nor is there anything to forget
  }
}
