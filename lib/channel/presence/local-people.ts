import type { ChannelMember, GatewaySession } from '../../session/index.js';
import type { BrokerPresence, PresentPerson } from './broker-presence.js';
import { type ResolvedPresenceOptions, readPerson } from './presence-options.js';

/** The default key of a person. */
export type PrincipalOf = (session: GatewaySession) => string;

interface Stay {
  sessions: number;
  /** Runs when the last session is gone. */
  leaving: NodeJS.Timeout | undefined;
}

/** The people in a channel by sessions of this process. A person comes with the first, and goes with the last. */
export class LocalPeople {
  private readonly keys = new Map<ChannelMember, string>();
  private readonly stays = new Map<string, Stay>();

  /** @param left somebody's last session is gone, and so is the person */
  constructor(
    private readonly channel: string,
    private readonly options: ResolvedPresenceOptions,
    private readonly presence: BrokerPresence,
    private readonly principalOf: PrincipalOf,
    private readonly left: () => void,
  ) {}

  get isEmpty(): boolean {
    return this.stays.size === 0;
  }

  /** @throws InvalidPersonError, and what the application's own function throws */
  enter(member: ChannelMember): Promise<void> {
    const { session } = member;
    if (!session || this.keys.has(member)) return Promise.resolve();
    const person = this.personOf(session);
    this.keys.set(member, person.key);
    const stay = this.stays.get(person.key);
    if (!stay) return this.begin(person);
    stay.sessions++;
    clearTimeout(stay.leaving);
    return Promise.resolve();
  }

  private personOf(session: GatewaySession): PresentPerson {
    const { person, infoBytes } = this.options;
    return readPerson(person ? person(session) : { key: this.principalOf(session) }, infoBytes);
  }

  private begin(person: PresentPerson): Promise<void> {
    this.stays.set(person.key, { sessions: 1, leaving: undefined });
    return this.presence.enter(this.channel, person, this.options.size);
  }

  leave(member: ChannelMember): void {
    const key = this.keys.get(member);
    const stay = key === undefined ? undefined : this.stays.get(key);
    if (key === undefined || !stay) return;
    this.keys.delete(member);
    if (--stay.sessions > 0) return;
    stay.leaving = setTimeout(() => this.end(key), this.options.lingerMs).unref();
  }

  private end(key: string): void {
    this.stays.delete(key);
    void this.presence.leave(this.channel, key);
    this.left();
  }
}
