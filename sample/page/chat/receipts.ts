import { type Member, type Message, type Seen, type SeenChange } from '../../chat/chat.protocol.js';

/** What is seen within this time is told at once. */
const GATHER_MS = 250;

/** Up to where the others have read the current channel, and what they are told of us. */
export class Receipts {
  private seen = new Map<string, SeenChange>();
  private told = new Map<string, number>();
  private timer = 0;

  constructor(private readonly send: (seen: Seen) => void) {}

  reset(seen: readonly SeenChange[]): void {
    this.seen = new Map(seen.map((change) => [change.member.id, change]));
    // The server may be a new one, which knows nothing of what was told before.
    this.told.clear();
  }

  clear(): void {
    this.seen.clear();
  }

  apply(change: SeenChange): void {
    this.seen.set(change.member.id, change);
  }

  tell(channel: string, at: number): void {
    if (at <= (this.told.get(channel) ?? 0)) return;
    this.told.set(channel, at);
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.send({ channel, at }), GATHER_MS);
  }

  /** How many others have seen a message. */
  countOf({ at, author }: Message, me: Member | undefined): number {
    const others = [...this.seen.values()].filter(
      ({ member }) => member.id !== author.id && member.id !== me?.id,
    );
    return others.filter((change) => change.at >= at).length;
  }

  close(): void {
    window.clearTimeout(this.timer);
  }
}
