/** Where the client is in each channel of its session. */
import type { ChannelStart } from '../protocol/envelope/index.js';
import type { Gap } from './gap.js';

/** A session is in no more channels at a time, and a server takes no more cursors, by default. */
const MAX_CHANNELS = 128;

export class ChannelPlaces {
  /** Those that were heard of last come last. */
  private readonly places = new Map<string, string>();
  /** What the server was told, and has not answered yet. */
  private doubtful = new Map<string, string>();

  get size(): number {
    return this.places.size;
  }

  get cursors(): Record<string, string> {
    return Object.fromEntries(this.places);
  }

  /** A publication came. */
  passed(channel: string, cursor: string | undefined): void {
    if (cursor === undefined) return;
    this.places.delete(channel);
    this.places.set(channel, cursor);
    if (this.places.size > MAX_CHANNELS) this.places.delete(this.places.keys().next().value!);
  }

  /** @returns what was missed, if anything was */
  joined({ channel, cursor, recovered }: ChannelStart): Gap | undefined {
    const before = this.doubtful.get(channel);
    this.doubtful.delete(channel);
    if (cursor === undefined) this.places.delete(channel);
    this.passed(channel, cursor);
    const isElsewhere = recovered === undefined && before !== undefined && before !== cursor;
    return recovered === false || isElsewhere ? { channel, cursor } : undefined;
  }

  /** The server was told where we are. What it joins elsewhere, without a word about that, has a gap. */
  doubt(): void {
    this.doubtful = new Map(this.places);
  }
}
