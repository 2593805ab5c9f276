import type { OpenTransport } from './transport/transport.js';

/** Which of the transports is used: the first that works, and the next one when it never opened. */
export class FallBack {
  private index = 0;
  /** Of the one that worked last. */
  private proven = 0;

  /** @param transports the best first; at least one */
  constructor(private readonly transports: readonly OpenTransport[]) {}

  get current(): OpenTransport {
    return this.transports[this.index]!;
  }

  get best(): OpenTransport {
    return this.transports[0]!;
  }

  get isBest(): boolean {
    return this.index === 0;
  }

  /** The current one works. */
  prove(): void {
    this.proven = this.index;
  }

  /** The current one never opened. @returns whether all have been tried, and it is the first one's turn again */
  next(): boolean {
    this.index = (this.index + 1) % this.transports.length;
    return this.index === 0;
  }

  /** What failed since says nothing about the transports. */
  returnToProven(): void {
    this.index = this.proven;
  }

  /** The best one works after all. */
  returnToBest(): void {
    this.index = 0;
  }
}
