import { describe, expect, it } from '@jest/globals';
import { type Message } from '../../../../sample/chat/chat.protocol.js';
import { type GapEntry, Timeline } from '../../../../sample/page/chat/timeline.js';

const author = { id: 'a', name: 'Anna' };
const message = (at: number): Message => ({ id: `m${at}`, channel: 'general', author, text: `${at}`, at });
const page = (more: boolean, ...times: number[]) => ({ messages: times.map(message), more });
const shown = (timeline: Timeline) =>
  timeline.entries.map((entry) => {
    if (entry.kind === 'message') return entry.message.text;
    return entry.kind === 'notice' ? entry.text : '…';
  });
const gapOf = ({ entries }: Timeline) => entries.find(({ kind }) => kind === 'gap') as GapEntry;

describe('The timeline of a channel', () => {
  it('keeps the order of the server however the entries come', () => {
    const timeline = new Timeline();
    for (const at of [3, 1]) timeline.add(message(at));
    timeline.addNotice('Ben joined');
    for (const at of [4, 2]) timeline.add(message(at));
    expect(shown(timeline)).toEqual(['1', '2', '3', 'Ben joined', '4']);
  });

  it('shows a message once that comes live, in a page and as an answer', () => {
    const timeline = new Timeline();
    timeline.add(message(2));
    timeline.merge(page(false, 1, 2));
    timeline.add(message(2));
    expect(shown(timeline)).toEqual(['1', '2']);
  });

  it('shows a gap where a page does not reach back to what it has, until that is filled', () => {
    const timeline = new Timeline();
    timeline.add(message(1));
    timeline.merge(page(true, 10, 11));
    expect(shown(timeline)).toEqual(['1', '…', '10', '11']);
    timeline.fill(gapOf(timeline), page(true, 8, 9));
    expect(shown(timeline)).toEqual(['1', '…', '8', '9', '10', '11']);
    timeline.fill(gapOf(timeline), page(true, 1, 7));
    expect(shown(timeline)).toEqual(['1', '7', '8', '9', '10', '11']);
  });

  it('shows none when the page reaches back, or to the beginning', () => {
    const timeline = new Timeline();
    timeline.add(message(1));
    timeline.merge(page(true, 1, 2));
    timeline.merge(page(false, 5));
    expect(shown(timeline)).toEqual(['1', '2', '5']);
  });

  it('knows whether there are earlier messages, by the earliest page', () => {
    const timeline = new Timeline();
    timeline.merge(page(true, 5, 6));
    expect(timeline.hasEarlier).toBe(true);
    timeline.merge(page(true, 6, 7));
    expect(timeline.hasEarlier).toBe(true);
    timeline.merge(page(false, 1, 4));
    expect(timeline.hasEarlier).toBe(false);
  });

  it('marks the first message of others that is new', () => {
    const timeline = new Timeline();
    timeline.merge(page(false, 1, 2, 3));
    timeline.markNewSince(1, { id: 'b', name: 'Ben' });
    expect(timeline.firstNew).toBe('m2');
    timeline.markNewSince(1, author);
    expect(timeline.firstNew).toBeUndefined();
  });

  it('keeps the newest 1500 entries', () => {
    const timeline = new Timeline();
    for (let at = 1; at <= 1501; at++) timeline.add(message(at));
    expect(timeline.entries).toHaveLength(1500);
    expect(shown(timeline)[0]).toBe('2');
  });
});
