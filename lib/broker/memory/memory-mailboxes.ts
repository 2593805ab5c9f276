import { BrokerClosedError, type Mailboxes, type OpenMailbox } from '../../channel/index.js';
import { guarded } from '../guarded.js';

type Deliver = (letter: Uint8Array) => void;

/** Letters between the applications of one process that share a broker. */
export class MemoryMailboxes implements Mailboxes {
  private readonly boxes = new Map<string, Set<Deliver>>();
  private closed = false;

  open(name: string, deliver: Deliver): OpenMailbox {
    if (this.closed) return { ready: Promise.reject(new BrokerClosedError()), close: () => undefined };
    // one function may be given twice
    const own: Deliver = (letter) => deliver(letter);
    const box = this.boxes.get(name) ?? new Set();
    this.boxes.set(name, box.add(own));
    return { ready: Promise.resolve(), close: () => this.remove(name, box, own) };
  }

  private remove(name: string, box: Set<Deliver>, deliver: Deliver): void {
    box.delete(deliver);
    if (box.size === 0 && this.boxes.get(name) === box) this.boxes.delete(name);
  }

  /** Delivers in a later turn, as a network does: who posts is not called back by what it posts. */
  post(name: string, letter: Uint8Array): Promise<number> {
    if (this.closed) return Promise.reject(new BrokerClosedError());
    const box = this.boxes.get(name);
    if (!box) return Promise.resolve(0);
    setImmediate(() => {
      for (const deliver of box) guarded(() => deliver(letter));
    });
    return Promise.resolve(box.size);
  }

  close(): void {
    this.closed = true;
    for (const box of this.boxes.values()) box.clear();
    this.boxes.clear();
  }
}
