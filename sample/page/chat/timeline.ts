import { type Message } from '../../chat/chat.protocol.js';
import { HISTORY_SIZE } from '../../chat/chat.limits.js';

export type Entry =
  | { kind: 'message'; key: string; at: number; message: Message }
  | { kind: 'notice'; key: string; at: number; text: string };

/** Entries kept of a channel; the oldest go first. */
const KEPT = 500;

/** What happened in one channel in the server's order, each thing once however often it is heard of. */
export class Timeline {
  readonly entries: Entry[] = [];
  private readonly keys = new Set<string>();

  add(message: Message): void {
    this.insert({ kind: 'message', key: message.id, at: message.at, message });
  }

  addNotice(at: number, text: string): void {
    this.insert({ kind: 'notice', key: `notice-${at}`, at, text });
  }

  /** Takes in the history that the server keeps, and says so when it no longer reaches back to what is here. */
  merge(history: readonly Message[]): void {
    const [oldest] = history;
    if (oldest && history.length >= HISTORY_SIZE && this.endsBefore(oldest)) {
      this.addNotice(oldest.at - 0.5, 'Older messages were missed while you were away');
    }
    for (const message of history) this.add(message);
  }

  /** What came live since does not count: it may have come before the history did. */
  private endsBefore({ id, at }: Message): boolean {
    return !this.keys.has(id) && this.entries.some((entry) => entry.kind === 'message' && entry.at < at);
  }

  private insert(entry: Entry): void {
    if (this.keys.has(entry.key)) return;
    this.keys.add(entry.key);
    this.entries.splice(this.entries.findLastIndex(({ at }) => at <= entry.at) + 1, 0, entry);
    if (this.entries.length > KEPT) this.keys.delete(this.entries.shift()!.key);
  }
}
