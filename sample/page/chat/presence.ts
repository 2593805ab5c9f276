import { type Member, type PeopleChange } from '../../chat/chat.protocol.js';

/** After a reconnect, those who were here before come back one by one; for this long nobody is told of it. */
const RETURN_MS = 60_000;

/** Who is in the current channel. */
export class Presence {
  private people = new Map<string, Member>();
  private returning = new Map<string, Member>();
  private returningUntil = 0;

  constructor(private readonly now: () => number = Date.now) {}

  /** By name. */
  get list(): Member[] {
    return [...this.people.values()].sort((a, b) => a.name.localeCompare(b.name));
  }

  /** The server's own list, on joining a channel or coming back to it. */
  reset(people: readonly Member[]): void {
    this.people = new Map(people.map((member) => [member.id, member]));
  }

  /** The connection was lost: the same people are expected back. */
  expectReturn(): void {
    this.returning = this.people;
    this.returningUntil = this.now() + RETURN_MS;
  }

  clear(): void {
    this.people = new Map();
    this.returning = new Map();
  }

  /** Whether the change is news worth telling. */
  apply({ change, member }: PeopleChange): boolean {
    if (change === 'left') return this.people.delete(member.id);
    this.people.set(member.id, member);
    const known = this.returning.get(member.id)?.name === member.name;
    this.returning.delete(member.id);
    return !known || this.now() > this.returningUntil;
  }
}
