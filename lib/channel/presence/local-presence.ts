/** What this process has of the presence in one channel: its own people, and who wants to be told of all. */
import { Observable } from 'rxjs';
import type { ChannelMember, Outlet } from '../../session/index.js';
import { EncodedPublication } from '../encoded-publication.js';
import type { BrokerPresence, PresentPerson } from './broker-presence.js';
import { LocalPeople, type PrincipalOf } from './local-people.js';
import type { PresenceEvent } from './presence-event.js';
import type { ResolvedPresenceOptions } from './presence-options.js';
import { PresenceView } from './presence-view.js';

export interface PresenceOwner {
  readonly name: string;
  readonly principalOf: PrincipalOf;
  /** The last person of this process is gone, maybe. */
  peopleLeft(): void;
}

export class LocalPresence {
  private readonly view: PresenceView;
  private people: LocalPeople | undefined;
  /** The sessions that are told. */
  private readonly told = new Map<ChannelMember, Outlet>();
  private reading: Promise<readonly PresentPerson[]> | undefined;

  constructor(
    private readonly owner: PresenceOwner,
    private readonly presence: BrokerPresence,
  ) {
    this.view = new PresenceView(owner.name, presence);
  }

  get hasPeople(): boolean {
    return this.people !== undefined && !this.people.isEmpty;
  }

  /** @throws what `LocalPeople.enter` throws */
  enter(member: ChannelMember, options: ResolvedPresenceOptions): Promise<void> {
    const { name, principalOf } = this.owner;
    this.people ??= new LocalPeople(name, options, this.presence, principalOf, () => this.owner.peopleLeft());
    const entered = this.people.enter(member);
    if (options.event !== undefined) this.beginToTell(member, options.event);
    return entered;
  }

  private beginToTell(member: ChannelMember, event: string): void {
    if (this.told.has(member)) return;
    const isFirst = this.told.size === 0;
    const outlet = member.openOutlet(this.owner.name, 'buffer');
    this.told.set(member, outlet);
    if (isFirst) return this.view.add((this.tellAll = (told) => this.send(told, event)));
    const { present } = this.view;
    if (present) this.sendTo(member, outlet, this.encode(present, event));
  }

  /** What the view calls while sessions are told. */
  private tellAll: (event: PresenceEvent) => void = () => undefined;

  private send(told: PresenceEvent, event: string): void {
    const encoded = this.encode(told, event);
    for (const [member, outlet] of this.told) this.sendTo(member, outlet, encoded);
  }

  private encode(told: PresenceEvent, event: string): EncodedPublication {
    const { name: channel } = this.owner;
    return new EncodedPublication({ event, body: JSON.stringify(told), channel, cursor: undefined });
  }

  private sendTo({ codec }: ChannelMember, outlet: Outlet, encoded: EncodedPublication): void {
    const message = encoded.by(codec);
    if (message !== undefined) outlet.send(message);
  }

  leave(member: ChannelMember): void {
    this.people?.leave(member);
    const outlet = this.told.get(member);
    if (!outlet) return;
    this.told.delete(member);
    outlet.discard();
    if (this.told.size === 0) this.view.remove(this.tellAll);
  }

  observe(): Observable<PresenceEvent> {
    return new Observable((subscriber) => {
      const listener = (event: PresenceEvent): void => subscriber.next(event);
      this.view.add(listener);
      return () => this.view.remove(listener);
    });
  }

  /** Who asks at the same time shares the answer; who asks while one is under way might get an old one. */
  read(): Promise<readonly PresentPerson[]> {
    if (this.reading) return this.reading;
    const ask = async (): Promise<readonly PresentPerson[]> => {
      await Promise.resolve();
      this.reading = undefined; // sent from now on
      return (await this.presence.read(this.owner.name)).people;
    };
    return (this.reading = ask());
  }
}
