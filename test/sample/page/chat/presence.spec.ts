import { describe, expect, it } from '@jest/globals';
import { type Member, type PeopleChange } from '../../../../sample/chat/chat.protocol.js';
import { Presence } from '../../../../sample/page/chat/presence.js';

const anna = { id: 'a', name: 'Anna' };
const ben = { id: 'b', name: 'Ben' };
const change = (kind: PeopleChange['change'], member: Member): PeopleChange => ({
  channel: 'general',
  change: kind,
  member,
  at: 1,
});

describe('The presence list', () => {
  it('is sorted by name and follows who joins and leaves', () => {
    const presence = new Presence();
    presence.reset([ben]);
    expect(presence.apply(change('joined', anna))).toBe(true);
    expect(presence.list).toEqual([anna, ben]);
    expect(presence.apply(change('left', ben))).toBe(true);
    expect(presence.list).toEqual([anna]);
  });

  it('has no news in the leaving of somebody who was not there', () => {
    expect(new Presence().apply(change('left', ben))).toBe(false);
  });

  it('has no news in those who come back after a lost connection, only in others', () => {
    const presence = new Presence();
    presence.reset([anna, ben]);
    presence.expectReturn();
    presence.reset([anna]);
    expect(presence.apply(change('joined', ben))).toBe(false);
    expect(presence.apply(change('joined', { id: 'c', name: 'Cleo' }))).toBe(true);
    expect(presence.list.map(({ name }) => name)).toEqual(['Anna', 'Ben', 'Cleo']);
  });

  it('expects nobody back after a minute', () => {
    let now = 0;
    const presence = new Presence(() => now);
    presence.reset([ben]);
    presence.expectReturn();
    presence.reset([]);
    now = 60_001;
    expect(presence.apply(change('joined', ben))).toBe(true);
  });
});
