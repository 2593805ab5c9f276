/** Callbacks of sends, kept by their place in the stream of bytes, called in order once that place is sent. */
export type SentCallback = (error?: Error) => void;

export class SentCallbacks {
  private readonly waiting: { position: number; callback: SentCallback }[] = [];

  add(position: number, callback: SentCallback): void {
    this.waiting.push({ position, callback });
  }

  /** Everything before `position` was sent. */
  sent(position: number): void {
    let count = 0;
    while (count < this.waiting.length && this.waiting[count]!.position <= position) count++;
    if (count === 0) return;
    for (const { callback } of this.waiting.splice(0, count)) process.nextTick(callback);
  }

  /** What lies behind `position` will never be sent. */
  failed(error: Error, position = 0): void {
    const first = this.waiting.findIndex((one) => one.position > position);
    if (first < 0) return;
    for (const { callback } of this.waiting.splice(first)) process.nextTick(callback, error);
  }
}
