import { randomFrom } from './seed.js';

/** Draws for tests, always the same for the same seed. */
export class Random {
  /** In [0, 1). */
  readonly next: () => number;

  constructor(from: number) {
    this.next = randomFrom(from);
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  /** Evenly spread over the orders of magnitude. */
  logUniform(low: number, high: number): number {
    return Math.floor(low * (high / low) ** this.next());
  }

  oneOf<T>(choices: readonly T[]): T {
    return choices[this.between(0, choices.length - 1)]!;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.between(0, 255)));
  }
}
