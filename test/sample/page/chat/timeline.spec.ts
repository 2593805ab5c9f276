import { describe, expect, it } from '@jest/globals';
import { HISTORY_SIZE } from '../../../../sample/chat/chat.limits.js';
import { type Message } from '../../../../sample/chat/chat.protocol.js';
import { Timeline } from '../../../../sample/page/chat/timeline.js';

const author = { id: 'a', name: 'Anna' };
const message = (at: number): Message => ({ id: `m${at}`, channel: 'general', author, text: `${at}`, at });
const history = (from: number) => Array.from({ length: HISTORY_SIZE }, (_, index) => message(from + index));
const shown = (timeline: Timeline) =>
  timeline.entries.map((entry) => (entry.kind === 'message' ? entry.message.text : entry.text));

describe('The timeline of a channel', () => {
  it('keeps the order of the server however the entries come', () => {
    const timeline = new Timeline();
    for (const at of [3, 1, 4]) timeline.add(message(at));
    timeline.addNotice(2, 'Ben joined');
    expect(shown(timeline)).toEqual(['1', 'Ben joined', '3', '4']);
  });

  it('shows a message once that comes live, in the history and as an answer', () => {
    const timeline = new Timeline();
    timeline.add(message(2));
    timeline.merge([message(1), message(2)]);
    timeline.add(message(2));
    expect(shown(timeline)).toEqual(['1', '2']);
  });

  it('says so when the history no longer reaches back to what it has', () => {
    const timeline = new Timeline();
    timeline.add(message(1));
    timeline.add(message(10 + HISTORY_SIZE - 1));
    timeline.merge(history(10));
    expect(shown(timeline).slice(0, 3)).toEqual([
      '1',
      'Older messages were missed while you were away',
      '10',
    ]);
  });

  it('says nothing of the kind when the history reaches back, or is not even full', () => {
    const timeline = new Timeline();
    timeline.add(message(10));
    timeline.merge(history(10));
    timeline.merge([message(1000)]);
    expect(timeline.entries.filter(({ kind }) => kind === 'notice')).toEqual([]);
  });

  it('keeps the newest 500 entries', () => {
    const timeline = new Timeline();
    for (let at = 1; at <= 501; at++) timeline.add(message(at));
    expect(timeline.entries).toHaveLength(500);
    expect(shown(timeline)[0]).toBe('2');
  });
});
