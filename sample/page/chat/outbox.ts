import { type Draft } from '../../chat/chat.protocol.js';
import { type TextStore } from '../text-store.js';

/** A message that the server has not confirmed. With a `refusal` it will not, unless it is tried again. */
export interface Unsent extends Draft {
  refusal?: string | undefined;
}

/** Unsent messages in the order they were written. They outlive a reload of their tab, but for images. */
export class Outbox {
  private items: Unsent[];

  constructor(private readonly store: TextStore) {
    this.items = JSON.parse(store.read('outbox') ?? '[]') as Unsent[];
  }

  /** The first that is still to be sent. */
  get next(): Unsent | undefined {
    return this.items.find(({ refusal }) => refusal === undefined);
  }

  of(channel: string): Unsent[] {
    return this.items.filter((item) => item.channel === channel);
  }

  add(draft: Draft): void {
    this.keep([...this.items, draft]);
  }

  remove(id: string): void {
    if (this.items.some((item) => item.id === id)) this.keep(this.items.filter((item) => item.id !== id));
  }

  /** `undefined` takes the refusal back: the message is sent again. */
  refuse(id: string, refusal: string | undefined): void {
    this.keep(this.items.map((item) => (item.id === id ? { ...item, refusal } : item)));
  }

  private keep(items: Unsent[]): void {
    this.items = items;
    // Web storage has room for texts only.
    this.store.write('outbox', JSON.stringify(items.filter(({ image }) => image === undefined)));
  }
}
