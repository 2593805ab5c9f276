/** The way of one stream, or of one channel, into a session's outbound queue, under its overflow policy. */
import { type Outbound, type Outlet, sizeOf } from './outbound.js';
import type { Overflow } from './overflow.js';
import type { Outgoing } from './transport.js';

/** @param onOverflow called once, by `error` only: nothing is sent from then on */
export function createOutlet(outbound: Outbound, overflow: Overflow, onOverflow: () => void): Outlet {
  switch (overflow) {
    case 'buffer':
      return outbound;
    case 'error':
      return new FailingOutlet(outbound, onOverflow);
    case 'latest':
      return new HoldingOutlet(outbound, 1);
    case 'drop-oldest':
      return new HoldingOutlet(outbound, Number.POSITIVE_INFINITY);
  }
}

class FailingOutlet implements Outlet {
  private failed = false;

  constructor(
    private readonly outbound: Outbound,
    private readonly onOverflow: () => void,
  ) {}

  send(message: Outgoing): void {
    if (this.failed) return;
    if (!this.outbound.isFull) return this.outbound.send(message);
    this.failed = true;
    this.onOverflow();
  }

  release(): void {
    // nothing is ever held back
  }
}

class HoldingOutlet implements Outlet {
  private held: Outgoing[] = [];
  private heldBytes = 0;

  constructor(
    private readonly outbound: Outbound,
    private readonly maxItems: number,
  ) {}

  send(message: Outgoing): void {
    if (this.held.length === 0 && !this.outbound.isSlow) return this.outbound.send(message);
    this.held.push(message);
    this.heldBytes += sizeOf(message);
    while (this.held.length > 1 && this.isOver()) this.heldBytes -= sizeOf(this.held.shift()!);
    this.outbound.whenDrained(this);
  }

  private isOver(): boolean {
    return this.held.length > this.maxItems || this.heldBytes > this.outbound.limitBytes;
  }

  release(all: boolean): void {
    while (this.held.length > 0 && (all || !this.outbound.isSlow)) {
      const message = this.held.shift()!;
      this.heldBytes -= sizeOf(message);
      this.outbound.send(message);
    }
    if (this.held.length > 0) this.outbound.whenDrained(this);
  }
}
