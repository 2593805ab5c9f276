import { type ChannelInfo } from '../../chat/chat.protocol.js';

/** Which channels had messages since they were last looked at. */
export class News {
  private readonly seenAt = new Map<string, number>();

  /** What was said before the tab came counts as seen. */
  begin(channels: readonly ChannelInfo[]): void {
    for (const { name, lastAt } of channels) if (!this.seenAt.has(name)) this.seenAt.set(name, lastAt);
  }

  see({ name, lastAt }: ChannelInfo): void {
    this.seenAt.set(name, lastAt);
  }

  in({ name, lastAt }: ChannelInfo): boolean {
    return lastAt > (this.seenAt.get(name) ?? 0);
  }
}
