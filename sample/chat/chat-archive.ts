import { type FileStore } from '../store/file-store.js';
import { KEPT_MESSAGES, PAGE_SIZE } from './chat.limits.js';
import { type Message, type MessagePage } from './chat.protocol.js';

/**
 * What was said in a channel, in order, each message once. It is in memory for the readers and in a file of one
 * line a message for the next process; the file is made short again when that one begins.
 */
export class ChatArchive {
  private messages: Message[] = [];
  private readonly keys = new Set<string>();
  private written: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: FileStore,
    private readonly file: string,
  ) {}

  get lastAt(): number {
    return this.messages.at(-1)?.at ?? 0;
  }

  async load(): Promise<void> {
    const lines = ((await this.store.read(this.file)) ?? '').toString().split('\n');
    for (const message of lines.flatMap(messageIn).slice(-KEPT_MESSAGES)) this.insert(message);
    if (lines.length > KEPT_MESSAGES) await this.store.write(this.file, this.messages.map(lineOf).join(''));
  }

  find(authorId: string, id: string): Message | undefined {
    if (!this.keys.has(keyOf(authorId, id))) return undefined;
    return this.messages.findLast((message) => message.id === id && message.author.id === authorId);
  }

  /** Settles when the file has it, whoever brought it first. */
  add(message: Message): Promise<void> {
    if (this.insert(message)) this.written = this.store.append(this.file, lineOf(message));
    return this.written;
  }

  /** The newest messages, or those before a time. */
  page(before = Infinity): MessagePage {
    const end = this.messages.findLastIndex(({ at }) => at < before) + 1;
    const begin = Math.max(0, end - PAGE_SIZE);
    return { messages: this.messages.slice(begin, end), more: begin > 0 };
  }

  private insert(message: Message): boolean {
    const key = keyOf(message.author.id, message.id);
    if (this.keys.has(key)) return false;
    this.keys.add(key);
    this.messages.splice(this.messages.findLastIndex(({ at }) => at <= message.at) + 1, 0, message);
    if (this.messages.length > KEPT_MESSAGES) this.forgetOldest();
    return true;
  }

  private forgetOldest(): void {
    const { author, id } = this.messages.shift()!;
    this.keys.delete(keyOf(author.id, id));
  }
}

/** A line that a crash has torn is nothing: its message was never acknowledged. */
function messageIn(line: string): Message[] {
  try {
    return [JSON.parse(line) as Message];
  } catch {
    return [];
  }
}

function lineOf(message: Message): string {
  // the line break in front ends the one that a crash may have torn
  return `\n${JSON.stringify(message)}`;
}

function keyOf(authorId: string, id: string): string {
  return `${authorId} ${id}`;
}
