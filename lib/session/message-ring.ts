/**
 * The last messages of a session to its client, numbered from 1, so that what the client did not get can be
 * sent again. Bounded by count and by bytes: the oldest give way, and one that alone is too large is not kept.
 */
import { sizeOf } from './outbound.js';
import type { Outgoing } from './transport.js';

export class MessageRing {
  private readonly slots: (Outgoing | undefined)[] = [];
  private first = 1;
  private next = 1;
  private keptBytes = 0;

  constructor(
    private readonly maxMessages: number,
    readonly maxBytes: number,
  ) {}

  /** How many there were, kept or not. */
  get sent(): number {
    return this.next - 1;
  }

  /** Of those that are kept. */
  get bytes(): number {
    return this.keptBytes;
  }

  add(message: Outgoing): void {
    if (this.next - this.first >= this.maxMessages) this.drop();
    this.slots[this.next++ % this.maxMessages] = message;
    this.keptBytes += sizeOf(message);
    while (this.keptBytes > this.maxBytes) this.drop();
  }

  private drop(): void {
    const slot = this.first++ % this.maxMessages;
    this.keptBytes -= sizeOf(this.slots[slot]!);
    this.slots[slot] = undefined;
  }

  /** Lets go of the first `received`: the client has them. */
  acknowledge(received: number): void {
    while (this.first < this.next && this.first <= received) this.drop();
  }

  /** How many of those after the first `received` are lost. */
  missedAfter(received: number): number {
    return Math.max(0, this.first - 1 - received);
  }

  /** What is kept, oldest first. */
  *kept(): Generator<Outgoing> {
    for (let number = this.first; number < this.next; number++) yield this.slots[number % this.maxMessages]!;
  }

  clear(): void {
    this.acknowledge(this.sent);
  }
}
