/**
 * Mailboxes are topics of Redis' Pub/Sub: bytes, at most once, in order, and PUBLISH says how many got them. So
 * does SPUBLISH, for it goes to the node of the cluster where a topic is subscribed. Letters arrive by connections
 * of their own, so that a flood of them does not hold up publications.
 */
import { BrokerClosedError, type Mailboxes, type OpenMailbox } from '../../channel/index.js';
import { guarded } from '../guarded.js';
import { attachedLines } from './attached-lines.js';
import { Attachment } from './attachment.js';
import { unavailable } from './errors.js';
import type { Lines } from './lines.js';
import type { RedisCommands } from './redis-commands.js';
import type { ResolvedRedisOptions } from './resolve-options.js';

type Deliver = (letter: Uint8Array) => void;

interface Mailbox {
  readonly subscribers: Set<Deliver>;
  readonly attachment: Attachment;
}

/** Of letters that Redis has not taken yet; one more is refused. */
const MAX_PENDING_BYTES = 64 * 1024 * 1024;

export class RedisMailboxes implements Mailboxes {
  private readonly lines: Lines;
  private readonly boxes = new Map<string, Mailbox>();
  private pendingBytes = 0;
  private closed = false;

  /** @param commands by which letters are posted; whoever made it closes it */
  constructor(
    private readonly options: ResolvedRedisOptions,
    private readonly commands: RedisCommands,
  ) {
    const receive = (topic: string, letter: Buffer): void => this.receive(topic, letter);
    this.lines = attachedLines('mailboxes', options, commands.connection, this.boxes, receive);
  }

  private receive(topic: string, letter: Buffer): void {
    for (const deliver of this.boxes.get(topic)?.subscribers ?? []) guarded(() => deliver(letter));
  }

  /** Beside the topics of channels, whose names stand in braces. */
  private topicOf(name: string): string {
    return `${this.options.prefix}:${this.commands.db}:mailbox:${name}`;
  }

  open(name: string, deliver: Deliver): OpenMailbox {
    if (this.closed) return { ready: Promise.reject(new BrokerClosedError()), close: () => undefined };
    const topic = this.topicOf(name);
    const box = this.boxes.get(topic) ?? this.create(topic);
    // one function may be given twice
    const own: Deliver = (letter) => deliver(letter);
    box.subscribers.add(own);
    const ready = (): Promise<void> => this.whenAttached(box);
    return {
      get ready() {
        return ready();
      },
      close: () => this.remove(topic, box, own),
    };
  }

  private create(topic: string): Mailbox {
    const attachment = new Attachment(() => this.lines.subscribe(topic));
    const box: Mailbox = { subscribers: new Set(), attachment };
    this.boxes.set(topic, box);
    if (this.lines.start()) void attachment.begin();
    return box;
  }

  private async whenAttached({ attachment }: Mailbox): Promise<void> {
    await this.lines.whenReady();
    if (this.closed) throw new BrokerClosedError();
    await attachment.whenAttached(this.options.timeoutMs);
  }

  private remove(topic: string, box: Mailbox, deliver: Deliver): void {
    if (!box.subscribers.delete(deliver) || box.subscribers.size > 0) return;
    box.attachment.end();
    if (this.boxes.get(topic) !== box) return;
    this.boxes.delete(topic);
    this.lines.unsubscribe(topic);
  }

  async post(name: string, letter: Uint8Array): Promise<number> {
    if (this.closed) throw new BrokerClosedError();
    if (this.pendingBytes + letter.length > MAX_PENDING_BYTES) {
      throw unavailable(`${this.pendingBytes} bytes of letters are waiting`);
    }
    this.pendingBytes += letter.length;
    try {
      const bytes = Buffer.from(letter.buffer, letter.byteOffset, letter.length);
      return await this.commands.publish(this.topicOf(name), bytes);
    } finally {
      this.pendingBytes -= letter.length;
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const { attachment } of this.boxes.values()) attachment.end(new BrokerClosedError());
    this.boxes.clear();
    await this.lines.close();
  }
}
