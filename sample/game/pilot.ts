import { type Input } from './game.protocol.js';
import { TICKS_PER_SECOND } from './simulation/rules.js';
import { type Ship } from './simulation/world.js';

/** Inputs that wait: half a second of them. Of more, the oldest are left out. */
const MAX_WAITING = TICKS_PER_SECOND / 2;
/** Ticks that a pilot whose inputs were late may catch up at once. */
const MAX_CREDIT = 6;
/** A ship whose pilot does nothing so long is taken off. */
const IDLE_TICKS = 60 * TICKS_PER_SECOND;

/**
 * A ship and the inputs that move it. One input moves it by one tick, and a tick brings leave for one input:
 * who sends more is not faster, and who is late may catch up a little. So the server moves the ship by exactly
 * what the page has predicted by, whatever the network does to the time between.
 */
export class Pilot {
  /** The last input that the ship was moved by, or that was left out. */
  seq = 0;
  private waiting: Input[] = [];
  private newest = 0;
  private credit = 0;
  private quietTicks = 0;

  constructor(
    readonly ship: Ship,
    readonly name: string,
  ) {}

  get isIdle(): boolean {
    return this.quietTicks >= IDLE_TICKS;
  }

  push(input: Input): void {
    if (input.seq <= this.newest) return;
    this.newest = input.seq;
    this.waiting.push(input);
    if (this.waiting.length > MAX_WAITING) this.seq = this.waiting.shift()!.seq;
  }

  /** The headings to move by in this tick. */
  take(): number[] {
    this.credit = Math.min(this.credit + 1, MAX_CREDIT);
    const taken = this.waiting.splice(0, this.credit);
    this.credit -= taken.length;
    this.quietTicks = taken.length > 0 ? 0 : this.quietTicks + 1;
    this.seq = taken.at(-1)?.seq ?? this.seq;
    return taken.map((input) => input.heading);
  }
}
