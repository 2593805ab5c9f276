/**
 * Everything that leaves a session. Before the session is accepted messages wait here; afterwards the
 * transport queues them, and this class only watches how much that is.
 */
import { messageSent } from '../diagnostics/index.js';
import { tellLimit } from '../diagnostics/tell-limit.js';
import type { Limits } from './limits.js';
import { PreparedMessage } from './prepared-message.js';
import type { Outgoing, SessionTransport } from './transport.js';

/** Somebody who waits until the client has caught up. */
export interface DrainWaiter {
  /** Goes on as far as the client keeps up; with `all`, whatever the client does. */
  release(all: boolean): void;
}

/** The way of one stream, or of one channel, to the client. `release` sends what was held back. */
export interface Outlet extends DrainWaiter {
  send(message: Outgoing): void;
  /** Forgets what was held back. */
  discard(): void;
}

/** Where outlets lead to, and how full it is. */
export interface Lane extends Outlet {
  /** No further message fits. */
  readonly isFull: boolean;
  /** The client is behind. */
  readonly isSlow: boolean;
  readonly limitBytes: number;
  whenDrained(waiter: DrainWaiter): void;
}

export interface OutboundOwner {
  /** Of the session, if it is one. */
  readonly id?: string;
  /** One more message came with more than `limits.outboundBytes` queued. */
  outboundOverflowed(): void;
}

export class Outbound implements Lane {
  protected transport: SessionTransport | undefined;
  protected ended = false;
  /** What was sent since there has been no transport. */
  protected waitingBytes = 0;
  private early: Outgoing[] | undefined;
  private waiters: Set<DrainWaiter> | undefined;

  constructor(
    protected readonly limits: Limits,
    protected readonly owner: OutboundOwner,
  ) {}

  /** The way of publications. */
  get publications(): Lane {
    return this;
  }

  get queuedBytes(): number {
    return this.transport?.queuedBytes ?? this.waitingBytes;
  }

  get limitBytes(): number {
    return this.limits.outboundBytes;
  }

  get isFull(): boolean {
    return this.queuedBytes > this.limitBytes;
  }

  get isSlow(): boolean {
    return this.queuedBytes > this.limits.highWaterBytes;
  }

  send(message: Outgoing): void {
    if (this.ended) return;
    if (this.isFull) this.overflowed();
    else this.pass(message);
  }

  /**
   * The one message that ends something because the client is too slow. A client that goes on asking must
   * not fill the queue with them.
   */
  sendBeyondLimit(message: Outgoing): void {
    if (this.queuedBytes > 2 * this.limits.outboundBytes) this.overflowed();
    else this.pass(message);
  }

  /** A message of the library's own. */
  sendControl(message: Outgoing): void {
    this.sendBeyondLimit(message);
  }

  protected pass(message: Outgoing): void {
    if (this.ended) return;
    this.tellSent(message);
    if (this.transport) return this.transport.send(message);
    (this.early ??= []).push(message);
    this.waitingBytes += sizeOf(message);
  }

  protected overflowed(): void {
    tellLimit('outboundBytes', this.owner.id);
    this.owner.outboundOverflowed();
  }

  protected tellSent(message: Outgoing): void {
    if (messageSent.hasSubscribers) messageSent.publish({ sessionId: this.owner.id, size: sizeOf(message) });
  }

  release(): void {
    // nothing is held back beyond the transport's own queue
  }

  discard(): void {
    // nor is there anything to forget
  }

  /** Sends what was sent before there was a transport. */
  open(transport: SessionTransport): void {
    this.transport = transport;
    const early = this.early ?? [];
    this.early = undefined;
    this.waitingBytes = 0;
    for (const message of early) transport.send(message);
  }

  whenDrained(waiter: DrainWaiter): void {
    if (this.ended) return;
    if (!this.waiters) {
      this.waiters = new Set();
      // a queue of this tick alone may be gone, undrained, when the tick ends
      setImmediate(() => this.drained());
    }
    this.waiters.add(waiter);
  }

  /** The client has caught up, or may have. */
  drained(): void {
    if (!this.waiters || this.ended || this.isSlow) return;
    const waiters = this.waiters;
    this.waiters = undefined;
    for (const waiter of waiters) waiter.release(false);
  }

  /** Nothing is sent from now on; who waits is let go. */
  end(): void {
    this.ended = true;
    this.early = undefined;
    const waiters = this.waiters;
    this.waiters = undefined;
    for (const waiter of waiters ?? []) waiter.release(true);
  }
}

/** Roughly, in bytes: as many as the text has characters. */
export function sizeOf(message: Outgoing): number {
  return message instanceof PreparedMessage ? message.data.length : message.length;
}
