import { type Member, type Message, type MessagePage } from '../../chat/chat.protocol.js';

export type GapEntry = { kind: 'gap'; key: string; at: number };

export type Entry =
  | { kind: 'message'; key: string; at: number; message: Message }
  | { kind: 'notice'; key: string; at: number; text: string }
  | GapEntry;

/** Entries kept of a channel; the oldest go first. More than the server keeps, so that scrolling back ends. */
const KEPT = 1500;

/** What happened in one channel in the server's order, each thing once however often it is heard of. */
export class Timeline {
  readonly entries: Entry[] = [];
  /** The server has messages before the first one here. */
  hasEarlier = false;
  /** The first message that was new to the user when they came. */
  firstNew: string | undefined;
  private readonly keys = new Set<string>();
  private notices = 0;

  get firstAt(): number | undefined {
    return this.entries.find(isMessage)?.at;
  }

  get newestMessageAt(): number | undefined {
    return this.entries.findLast(isMessage)?.at;
  }

  add(message: Message): void {
    this.insert({ kind: 'message', key: message.id, at: message.at, message });
  }

  /** At the end of what is here. */
  addNotice(text: string): void {
    const at = this.entries.at(-1)?.at ?? Date.now();
    this.insert({ kind: 'notice', key: `notice-${this.notices++}`, at, text });
  }

  /** Takes in messages that follow on one another, and notes a gap if they do not reach back to what is here. */
  merge({ messages, more }: MessagePage): void {
    const [oldest] = messages;
    if (!oldest || !this.hasMessageBefore(oldest)) this.hasEarlier = more;
    else if (more && !this.keys.has(oldest.id)) {
      this.insert({ kind: 'gap', key: `gap-${oldest.id}`, at: oldest.at - 0.5 });
    }
    for (const message of messages) this.add(message);
  }

  /** The messages before a gap have come: they close it, or it moves before them. */
  fill(gap: GapEntry, page: MessagePage): void {
    const index = this.entries.findIndex(({ key }) => key === gap.key);
    if (index >= 0) this.entries.splice(index, 1);
    this.keys.delete(gap.key);
    this.merge(page);
  }

  markNewSince(seenAt = Infinity, me?: Member): void {
    const isNew = (entry: Entry) =>
      entry.kind === 'message' && entry.at > seenAt && entry.message.author.id !== me?.id;
    this.firstNew = this.entries.find(isNew)?.key;
  }

  private hasMessageBefore({ at }: Message): boolean {
    return this.entries.some((entry) => isMessage(entry) && entry.at < at);
  }

  private insert(entry: Entry): void {
    if (this.keys.has(entry.key)) return;
    this.keys.add(entry.key);
    this.entries.splice(this.entries.findLastIndex(({ at }) => at <= entry.at) + 1, 0, entry);
    if (this.entries.length > KEPT) this.keys.delete(this.entries.shift()!.key);
  }
}

function isMessage(entry: Entry): boolean {
  return entry.kind === 'message';
}
