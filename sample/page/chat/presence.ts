import { type Member, type PeopleEvent } from '../../chat/chat.protocol.js';

/** After a reconnect, those who were here before come back one by one; for this long nobody is told of it. */
const RETURN_MS = 60_000;

/** Somebody came or went, and it is worth telling. */
export interface PeopleNews {
  readonly type: 'joined' | 'left';
  readonly member: Member;
}

/** Who is in the current channel, as its presence tells. */
export class Presence {
  private people = new Map<string, Member>();
  private returning = new Map<string, Member>();
  private returningUntil = 0;

  constructor(private readonly now: () => number = Date.now) {}

  /** By name. */
  get list(): Member[] {
    return [...this.people.values()].sort((a, b) => a.name.localeCompare(b.name));
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

  apply(event: PeopleEvent): PeopleNews | undefined {
    if (event.type === 'present') {
      this.people = new Map(event.people.map(({ key, info }) => [key, info]));
      return undefined;
    }
    const { type, person } = event;
    const isNews = type === 'left' ? this.people.delete(person.key) : this.add(person.info);
    return isNews ? { type, member: person.info } : undefined;
  }

  private add(member: Member): boolean {
    this.people.set(member.id, member);
    const known = this.returning.delete(member.id);
    return !known || this.now() > this.returningUntil;
  }
}
