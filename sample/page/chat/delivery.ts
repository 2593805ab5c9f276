import { RequestFailedError } from 'nestwire/client';
import { type Draft, type Message } from '../../chat/chat.protocol.js';
import { type TextStore } from '../text-store.js';
import { Outbox, type Unsent } from './outbox.js';

/** What delivery has to know of the chat. */
interface Recipient {
  readonly canSend: boolean;
  readonly changed$: { next(): void };
  receive(message: Message): void;
}

/** Sends what was written, in order, and again until the server has it: it knows messages by their ids. */
export class Delivery {
  private readonly outbox: Outbox;
  private flushing = false;

  constructor(
    store: TextStore,
    private readonly send: (draft: Draft) => Promise<Message>,
    private readonly chat: Recipient,
  ) {
    this.outbox = new Outbox(store);
  }

  unsentOf(channel: string): Unsent[] {
    return this.outbox.of(channel);
  }

  add(draft: Draft): void {
    this.outbox.add(draft);
    this.chat.changed$.next();
  }

  again(id: string): void {
    this.outbox.refuse(id, undefined);
    this.chat.changed$.next();
  }

  discard(id: string): void {
    this.outbox.remove(id);
    this.chat.changed$.next();
  }

  confirm(id: string): void {
    this.outbox.remove(id);
  }

  async flush(): Promise<void> {
    if (this.flushing) return;
    this.flushing = true;
    try {
      for (let next = this.outbox.next; next && this.chat.canSend; next = this.outbox.next) {
        await this.deliver(next);
      }
    } finally {
      this.flushing = false;
    }
  }

  private async deliver({ id, channel, text, image }: Unsent): Promise<void> {
    try {
      this.chat.receive(await this.send({ id, channel, text, image }));
    } catch (error) {
      if (!(error instanceof RequestFailedError)) throw error;
      this.outbox.refuse(id, error.message);
      this.chat.changed$.next();
    }
  }
}
