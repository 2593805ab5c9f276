/** The way of one stream, or of one channel, into a session's outbound queue, under its overflow policy. */
import { messageDropped } from '../diagnostics/index.js';
import { type Lane, type Outlet, sizeOf } from './outbound.js';
import type { Overflow } from './overflow.js';
import type { Outgoing } from './transport.js';

/** @param onOverflow called once, by `error` only: nothing is sent from then on */
export function createOutlet(lane: Lane, overflow: Overflow, onOverflow: () => void): Outlet {
  switch (overflow) {
    case 'buffer':
      return lane;
    case 'error':
      return new FailingOutlet(lane, onOverflow);
    case 'latest':
      return new HoldingOutlet(lane, 1);
    case 'drop-oldest':
      return new HoldingOutlet(lane, Number.POSITIVE_INFINITY);
  }
}

class FailingOutlet implements Outlet {
  private failed = false;

  constructor(
    private readonly lane: Lane,
    private readonly onOverflow: () => void,
  ) {}

  send(message: Outgoing): void {
    if (this.failed) return;
    if (!this.lane.isFull) return this.lane.send(message);
    this.failed = true;
    this.onOverflow();
  }

  release(): void {
    // nothing is ever held back
  }

  discard(): void {
    this.failed = true;
  }
}

class HoldingOutlet implements Outlet {
  private held: Outgoing[] = [];
  private heldBytes = 0;

  constructor(
    private readonly lane: Lane,
    private readonly maxItems: number,
  ) {}

  send(message: Outgoing): void {
    if (this.held.length === 0 && !this.lane.isSlow) return this.lane.send(message);
    this.held.push(message);
    this.heldBytes += sizeOf(message);
    while (this.held.length > 1 && this.isOver()) this.drop(this.held.shift()!);
    this.lane.whenDrained(this);
  }

  private drop(message: Outgoing): void {
    const size = sizeOf(message);
    this.heldBytes -= size;
    if (messageDropped.hasSubscribers) messageDropped.publish({ size });
  }

  private isOver(): boolean {
    return this.held.length > this.maxItems || this.heldBytes > this.lane.limitBytes;
  }

  release(all: boolean): void {
    while (this.held.length > 0 && (all || !this.lane.isSlow)) {
      const message = this.held.shift()!;
      this.heldBytes -= sizeOf(message);
      this.lane.send(message);
    }
    if (this.held.length > 0) this.lane.whenDrained(this);
  }

  discard(): void {
    this.held = [];
    this.heldBytes = 0;
  }
}
