/**
 * Heartbeats of event streams: a comment to every stream once an interval, so that proxies and clients see
 * that it lives, and an end to those whose client takes no byte any more.
 *
 * Theory of operation. One timer turns a wheel for all streams with the same interval; a stream lies in the
 * slot of its next beat, a whole turn of the wheel from the last.
 */

/** A stream, as the wheel sees it. */
export interface Beating {
  beat(): void;
}

const TURNS_PER_INTERVAL = 15;
const wheels = new Map<number, CommentWheel>();

/** The wheel for all streams with this interval. */
export function wheelOf(intervalMs: number): CommentWheel {
  let wheel = wheels.get(intervalMs);
  if (!wheel) wheels.set(intervalMs, (wheel = new CommentWheel(intervalMs)));
  return wheel;
}

export class CommentWheel {
  private readonly slots = Array.from({ length: TURNS_PER_INTERVAL }, () => new Set<Beating>());
  private now = 0;
  private size = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly intervalMs: number) {}

  /** Beats once an interval from now on, until the returned function is called. */
  add(stream: Beating): () => void {
    const slot = this.slots[this.now]!;
    slot.add(stream);
    if (++this.size === 1) this.start();
    return () => this.remove(slot, stream);
  }

  private remove(slot: Set<Beating>, stream: Beating): void {
    if (!slot.delete(stream)) return;
    if (--this.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private start(): void {
    this.timer = setInterval(() => this.turn(), this.intervalMs / TURNS_PER_INTERVAL);
    // beating must not keep a process alive
    this.timer.unref();
  }

  private turn(): void {
    this.now = (this.now + 1) % this.slots.length;
    // who is added while it beats is not due yet
    for (const stream of [...this.slots[this.now]!]) stream.beat();
  }
}
