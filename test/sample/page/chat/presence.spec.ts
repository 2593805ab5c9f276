import { describe, expect, it } from '@jest/globals';
import { type Member, type PeopleEvent } from '../../../../sample/chat/chat.protocol.js';
import { Presence } from '../../../../sample/page/chat/presence.js';

const anna = { id: 'a', name: 'Anna' };
const ben = { id: 'b', name: 'Ben' };
const personOf = (member: Member) => ({ key: member.id, info: member });
const present = (...members: Member[]): PeopleEvent => ({ type: 'present', people: members.map(personOf) });
const joined = (member: Member): PeopleEvent => ({ type: 'joined', person: personOf(member) });
const left = (member: Member): PeopleEvent => ({ type: 'left', person: personOf(member) });

describe('The presence list', () => {
  it('is sorted by name and follows who joins and leaves', () => {
    const presence = new Presence();
    presence.apply(present(ben));
    expect(presence.apply(joined(anna))).toEqual({ type: 'joined', member: anna });
    expect(presence.list).toEqual([anna, ben]);
    expect(presence.apply(left(ben))).toEqual({ type: 'left', member: ben });
    expect(presence.list).toEqual([anna]);
  });

  it('has no news in the leaving of somebody who was not there', () => {
    expect(new Presence().apply(left(ben))).toBeUndefined();
  });

  it('has no news in those who come back after a lost connection, only in others', () => {
    const presence = new Presence();
    presence.apply(present(anna, ben));
    presence.expectReturn();
    presence.apply(present(anna));
    expect(presence.apply(joined(ben))).toBeUndefined();
    expect(presence.apply(joined({ id: 'c', name: 'Cleo' }))).toBeDefined();
    expect(presence.list.map(({ name }) => name)).toEqual(['Anna', 'Ben', 'Cleo']);
  });

  it('expects nobody back after a minute', () => {
    let now = 0;
    const presence = new Presence(() => now);
    presence.apply(present(ben));
    presence.expectReturn();
    presence.apply(present());
    now = 60_001;
    expect(presence.apply(joined(ben))).toBeDefined();
  });
});
