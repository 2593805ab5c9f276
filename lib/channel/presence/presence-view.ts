/**
 * Who is in one channel, as far as this process knows: kept while somebody wants to be told.
 *
 * Theory of operation. The broker tells changes, numbered. The view subscribes them, then reads who is there, and
 * applies those changes that the answer did not contain. Whenever one is missing it reads again, and tells the
 * difference. So listeners get joins and leaves that fit together, whatever was lost on the way.
 */
import type { BrokerSubscription } from '../broker-subscription.js';
import type { Position } from '../position.js';
import type { BrokerPresence, PresenceChange, PresenceState, PresentPerson } from './broker-presence.js';
import type { PresenceEvent } from './presence-event.js';

export type PresenceListener = (event: PresenceEvent) => void;

const RETRY_MS = 1_000;
/** When more than that waits for a read it is forgotten, and read again. */
const MAX_EARLY = 1_000;

export class PresenceView {
  private readonly listeners = new Set<PresenceListener>();
  private people: Map<string, PresentPerson> | undefined;
  private position: Position | undefined;
  private subscription: BrokerSubscription | undefined;
  private early: PresenceChange[] | undefined;
  private retry: NodeJS.Timeout | undefined;
  /** Counts what makes a read pointless: that a newer one is needed, or none. */
  private reading = 0;

  constructor(
    private readonly channel: string,
    private readonly presence: BrokerPresence,
  ) {}

  /** Who is there, when it is known. */
  get present(): PresenceEvent | undefined {
    return this.people && { type: 'present', people: [...this.people.values()] };
  }

  /** From now on `listener` is told: who is there as soon as that is known, then each change. */
  add(listener: PresenceListener): void {
    this.listeners.add(listener);
    const { present } = this;
    if (present) listener(present);
    else if (!this.subscription) this.start();
  }

  remove(listener: PresenceListener): void {
    if (this.listeners.delete(listener) && this.listeners.size === 0) this.stop();
  }

  private start(): void {
    this.early = [];
    this.subscription = this.presence.watch(
      this.channel,
      (change) => this.receive(change),
      () => this.read(),
    );
    this.read();
  }

  private stop(): void {
    this.reading++;
    clearTimeout(this.retry);
    this.subscription?.close();
    this.subscription = this.people = this.position = this.early = undefined;
  }

  private read(): void {
    const reading = ++this.reading;
    clearTimeout(this.retry);
    this.early = [];
    this.subscription?.ready
      .then(() => this.presence.read(this.channel))
      .then((state) => {
        if (reading === this.reading) this.take(state);
      })
      .catch(() => {
        if (reading === this.reading) this.retry = setTimeout(() => this.read(), RETRY_MS).unref();
      });
  }

  private take({ people, position }: PresenceState): void {
    const before = this.people;
    this.people = new Map(people.map((person) => [person.key, person]));
    this.position = position;
    const early = this.early ?? [];
    this.early = undefined;
    if (before) this.tellDifference(before, this.people);
    else if (this.present) this.tell(this.present);
    for (const change of early) this.receive(change);
  }

  private tellDifference(before: Map<string, PresentPerson>, now: Map<string, PresentPerson>): void {
    for (const [key, person] of before) if (!now.has(key)) this.tell({ type: 'left', person });
    for (const [key, person] of now) if (!before.has(key)) this.tell({ type: 'joined', person });
  }

  private receive(change: PresenceChange): void {
    const { early, position: last } = this;
    if (early) {
      early.push(change);
      if (early.length > MAX_EARLY) this.read();
      return;
    }
    const { position } = change;
    if (position.epoch === last?.epoch && position.offset <= last.offset) return;
    if (position.epoch !== last?.epoch || position.offset !== last.offset + 1) return this.read();
    this.position = position;
    this.apply(change);
  }

  private apply({ type, person }: PresenceChange): void {
    const has = this.people?.has(person.key) ?? false;
    if (has === (type === 'joined')) return;
    if (has) this.people?.delete(person.key);
    else this.people?.set(person.key, person);
    this.tell({ type, person });
  }

  private tell(event: PresenceEvent): void {
    for (const listener of this.listeners) listener(event);
  }
}
