import type { Encoded } from '../protocol/codec/index.js';

/**
 * The messages of one session that the server may not have got: they are sent again when the session is
 * resumed. Numbered from 1, as the server counts what it received.
 */
export class SentLog {
  private kept: Encoded[] = [];
  private acknowledged = 0;

  get size(): number {
    return this.kept.length;
  }

  /** @returns its number */
  add(message: Encoded): number {
    this.kept.push(message);
    return this.acknowledged + this.kept.length;
  }

  /** The server has got all messages up to this number. */
  acknowledge(count: number): void {
    const done = count - this.acknowledged;
    if (done <= 0) return;
    this.kept.splice(0, done);
    this.acknowledged = count;
  }

  get unacknowledged(): readonly Encoded[] {
    return this.kept;
  }

  /** A new session counts anew. */
  restart(): void {
    this.kept = [];
    this.acknowledged = 0;
  }
}
