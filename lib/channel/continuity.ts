/**
 * Sees to it that a channel's publications go on without holes. Offsets count by one: one that skips some means
 * that the broker lost publications on their way to this process. They are read from the history while later
 * ones wait; when it no longer has them, or the epoch changed, that is told as a gap.
 */
import type { BrokerPublication } from './broker.js';
import type { HistoryReader } from './history-reader.js';
import type { Position } from './position.js';

export interface ContinuityOwner {
  deliver(publication: BrokerPublication): void;
  /** Something is missing; what follows comes right after `position`. */
  gap(position: Position): void;
}

/** What waits beyond it is dropped, and read from the history like the rest. */
const MAX_WAITING = 1000;

export class Continuity {
  /** Of the last publication that was delivered, or of the gap behind it. */
  position: Position | undefined;
  private waiting: BrokerPublication[] | undefined;

  constructor(
    private readonly reader: () => HistoryReader,
    private readonly owner: ContinuityOwner,
  ) {}

  receive(publication: BrokerPublication): void {
    if (this.waiting) {
      if (this.waiting.length < MAX_WAITING) this.waiting.push(publication);
      return;
    }
    const { position } = publication;
    const last = this.position;
    if (!position || !last || last.epoch !== position.epoch) return this.begin(publication);
    if (position.offset <= last.offset) return; // was delivered before
    if (position.offset === last.offset + 1) return this.pass(publication);
    this.waiting = [publication];
    void this.repair(last);
  }

  /** A channel's first publication, or the first of a new epoch: nobody knows what came before it. */
  private begin(publication: BrokerPublication): void {
    const { position } = publication;
    if (position && this.position) this.skipTo({ ...position, offset: position.offset - 1 });
    this.pass(publication);
  }

  private pass(publication: BrokerPublication): void {
    this.position = publication.position ?? this.position;
    this.owner.deliver(publication);
  }

  private skipTo(position: Position): void {
    this.position = position;
    this.owner.gap(position);
  }

  private async repair(after: Position): Promise<void> {
    const missing = await this.reader()
      .read(after)
      .catch(() => undefined);
    if (this.position !== after) return; // begun anew meanwhile
    const waiting = this.waiting ?? [];
    this.waiting = undefined;
    if (missing?.recovered) for (const publication of missing.publications) this.pass(publication);
    else this.skipOver(waiting[0]?.position);
    for (const publication of waiting) this.receive(publication);
  }

  /** The broker knows that publications up to `position` are lost. */
  lose(position: Position): void {
    const { position: last, waiting } = this;
    this.waiting = undefined;
    if (last?.epoch !== position.epoch || last.offset < position.offset) this.skipTo(position);
    for (const publication of waiting ?? []) {
      if (publication.position?.epoch === position.epoch) this.receive(publication);
    }
  }

  private skipOver(next: Position | undefined): void {
    if (next) this.skipTo({ ...next, offset: next.offset - 1 });
  }

  /** Nobody listens any more: what comes next is a first publication again. */
  reset(): void {
    this.position = undefined;
    this.waiting = undefined;
  }
}
