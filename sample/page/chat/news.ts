import { type ChannelInfo } from '../../chat/chat.protocol.js';
import { type TextStore } from '../text-store.js';

/** Which channels had messages since they were last looked at, in any tab and before a reload. */
export class News {
  constructor(private readonly store: TextStore) {}

  /** What was said before the browser first came counts as seen. */
  begin(channels: readonly ChannelInfo[]): void {
    for (const info of channels) if (this.seenAt(info.name) === undefined) this.see(info);
  }

  see({ name, lastAt }: ChannelInfo): void {
    if (lastAt >= (this.seenAt(name) ?? 0)) this.store.write(`seen:${name}`, String(lastAt));
  }

  seenAt(channel: string): number | undefined {
    const kept = this.store.read(`seen:${channel}`);
    return kept === undefined ? undefined : Number(kept);
  }

  in({ name, lastAt }: ChannelInfo): boolean {
    return lastAt > (this.seenAt(name) ?? 0);
  }
}
