/**
 * One channel that is subscribed here, however many subscriptions it has.
 *
 * Theory of operation. Redis' Pub/Sub forgets: what is published while the connection is away never comes. So
 * the position is known before the channel is subscribed, and followed. When the connection is back the channel
 * is subscribed again, and only then is its history read from that position. What arrives live meanwhile waits
 * for the end of that read, and what was in it already is left out. When the history no longer has it all, that
 * is told as lost at once, not only with the next publication, which may never come.
 */
import type { BrokerPublication, Position, Replay } from '../../channel/index.js';
import { type Deliver, guarded } from '../guarded.js';
import { Attachment } from './attachment.js';

export interface TopicSubscriber {
  readonly deliver: Deliver;
  readonly lost: ((position: Position) => void) | undefined;
}

/** Where it reads what it missed. */
export interface TopicHistory {
  /** As `Broker.history`. */
  read(after: Position): Promise<Replay>;
  /** As `read`, but where there is no history none is begun. */
  peek(after: Position | undefined): Promise<Replay | undefined>;
}

/** What waits beyond it is dropped, and read from the history like the rest. */
const MAX_WAITING = 1000;
/** In no history. */
const NOWHERE: Position = { epoch: '-', offset: 0 };

export class RedisTopic {
  readonly subscribers = new Set<TopicSubscriber>();
  /** Up to where everything was delivered, or told as lost; null: there was no history. */
  private position: Position | null | undefined;
  private waiting: BrokerPublication[] | undefined;
  private isIncomplete = false;
  private wasAttached = false;
  readonly attachment = new Attachment((isCurrent) => this.tryToAttach(isCurrent));

  constructor(
    /** Settles when it is subscribed, with what tells whether it still is. */
    private readonly subscribe: () => Promise<() => boolean>,
    private readonly history: TopicHistory,
  ) {}

  private async tryToAttach(isCurrent: () => boolean): Promise<() => boolean> {
    if (this.position === undefined) await this.findPosition();
    if (!isCurrent()) return () => false;
    if (this.wasAttached) this.waiting ??= [];
    const stands = await this.subscribe();
    while (this.waiting && isCurrent()) await this.catchUp(isCurrent);
    if (isCurrent() && stands()) this.wasAttached = true;
    return stands;
  }

  private async findPosition(): Promise<void> {
    const replay = await this.history.peek(NOWHERE);
    this.position ??= replay?.position ?? null;
  }

  /** Leaves `waiting` when it has to be done again. */
  private async catchUp(isCurrent: () => boolean): Promise<void> {
    this.isIncomplete = false;
    const before = this.position ?? undefined;
    const replay = await (before ? this.history.read(before) : this.history.peek(undefined));
    if (!isCurrent()) return;
    if (replay) this.take(replay, before);
    if (!this.isIncomplete) this.release(before);
  }

  /** Passes on what waited; but for what is of an epoch that ended meanwhile. */
  private release(before: Position | undefined): void {
    const waiting = this.waiting ?? [];
    this.waiting = undefined;
    const isOver = (epoch: string | undefined): boolean =>
      epoch !== undefined && epoch === before?.epoch && epoch !== this.position?.epoch;
    for (const publication of waiting) if (!isOver(publication.position?.epoch)) this.pass(publication);
  }

  private take({ recovered, publications, position }: Replay, before: Position | undefined): void {
    const first = publications[0]?.position ?? { ...position, offset: position.offset + 1 };
    const isWhole = recovered && (before !== undefined || first.offset === 1);
    if (!isWhole) this.lose({ ...first, offset: first.offset - 1 });
    for (const publication of publications) this.pass(publication);
  }

  private lose(position: Position): void {
    this.position = position;
    for (const { lost } of this.subscribers) if (lost) guarded(() => lost(position));
  }

  receive(publication: BrokerPublication): void {
    if (!this.waiting) return this.pass(publication);
    if (this.waiting.length < MAX_WAITING) {
      this.waiting.push(publication);
      return;
    }
    this.waiting = [];
    this.isIncomplete = true;
  }

  private pass(publication: BrokerPublication): void {
    const { position } = publication;
    const last = this.position;
    if (position && last?.epoch === position.epoch && position.offset <= last.offset) return;
    if (position) this.position = position;
    for (const { deliver } of this.subscribers) guarded(() => deliver(publication));
  }
}
