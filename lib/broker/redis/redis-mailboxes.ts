/**
 * Mailboxes are channels of Redis' Pub/Sub: bytes, at most once, in order, and PUBLISH says how many got them.
 * They have a connection of their own to arrive by, so that a flood of letters does not hold up publications.
 */
import { BrokerClosedError, type Mailboxes, type OpenMailbox } from '../../channel/index.js';
import { guarded } from '../guarded.js';
import { reasonOf, unavailable } from './errors.js';
import type { RedisCommands } from './redis-commands.js';
import { RedisConnection } from './redis-connection.js';
import type { ResolvedRedisOptions } from './resolve-options.js';

type Deliver = (letter: Uint8Array) => void;

interface Mailbox {
  readonly subscribers: Set<Deliver>;
  /** Subscribed on the connection that there is; undefined without one. */
  attached: Promise<unknown> | undefined;
}

/** Of letters that Redis has not taken yet; one more is refused. */
const MAX_PENDING_BYTES = 64 * 1024 * 1024;

export class RedisMailboxes implements Mailboxes {
  private readonly arrivals: RedisConnection;
  private readonly boxes = new Map<string, Mailbox>();
  private pendingBytes = 0;
  private closed = false;

  /** @param commands by which letters are posted; whoever made it closes it */
  constructor(
    private readonly options: ResolvedRedisOptions,
    private readonly commands: RedisCommands,
  ) {
    this.arrivals = new RedisConnection('mailboxes', options);
    this.arrivals.onReady(() => {
      for (const [topic, box] of this.boxes) this.attach(topic, box);
    });
    this.arrivals.onLost(() => {
      for (const box of this.boxes.values()) box.attached = undefined;
    });
    this.arrivals.client.on('messageBuffer', (topic: Buffer, letter: Buffer) =>
      this.receive(topic.toString(), letter),
    );
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
    const ready = (): Promise<void> => this.whenAttached(topic, box);
    return {
      get ready() {
        return ready();
      },
      close: () => this.remove(topic, box, own),
    };
  }

  private create(topic: string): Mailbox {
    const box: Mailbox = { subscribers: new Set(), attached: undefined };
    this.boxes.set(topic, box);
    this.arrivals.start();
    if (this.arrivals.isReady) this.attach(topic, box);
    return box;
  }

  private attach(topic: string, box: Mailbox): void {
    box.attached = this.arrivals.client.subscribe(topic);
    box.attached.catch(() => undefined); // the connection is lost, and the next one tries again
  }

  private async whenAttached(topic: string, box: Mailbox): Promise<void> {
    await this.arrivals.whenReady();
    if (this.boxes.get(topic) !== box) throw new BrokerClosedError();
    await box.attached?.catch((error: unknown) => {
      throw unavailable(reasonOf(error));
    });
  }

  private remove(topic: string, box: Mailbox, deliver: Deliver): void {
    if (!box.subscribers.delete(deliver) || box.subscribers.size > 0) return;
    if (this.boxes.get(topic) !== box) return;
    this.boxes.delete(topic);
    if (this.arrivals.isReady) this.arrivals.client.unsubscribe(topic).catch(() => undefined);
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
    this.boxes.clear();
    await this.arrivals.close();
  }
}
