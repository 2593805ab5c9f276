import { describe, expect, it } from '@jest/globals';
import { InvalidEventError, serializeEvent } from '../../../lib/protocol/event-stream/index.js';

describe('an event as text', () => {
  it('has a field a line, and an empty line at its end', () => {
    const fields = { comment: 'c', event: 'e', id: '1', retry: 5, data: 'd' };

    expect(serializeEvent(fields)).toBe(': c\nevent: e\nid: 1\nretry: 5\ndata: d\n\n');
  });

  it.each([
    ['LF', 'a\nb'],
    ['CR', 'a\rb'],
    ['CRLF', 'a\r\nb'],
  ])('S3: has a data line for each line that %s ends', (_, data) => {
    expect(serializeEvent({ data })).toBe('data: a\ndata: b\n\n');
  });

  it('does not name the event that all events have', () => {
    expect(serializeEvent({ event: 'message', data: 'a' })).toBe('data: a\n\n');
  });

  it('keeps empty lines, also at the end', () => {
    expect(serializeEvent({ data: '\n\r\n' })).toBe('data: \ndata: \ndata: \n\n');
    expect(serializeEvent({ data: '' })).toBe('data: \n\n');
  });

  it('S3: has a comment line for each line of a comment', () => {
    expect(serializeEvent({ comment: 'a\r\ndata: x' })).toBe(': a\n: data: x\n\n');
  });

  it.each([
    ['S1: a line break in the id', { id: '1\ndata: x' }],
    ['S2: a lone CR in the event', { event: 'a\rdata: x' }],
    ['S4: a retry that is text', { retry: '1\nevent:x' as unknown as number }],
    ['S4: a retry that is no number', { retry: Number.NaN }],
    ['S4: a negative retry', { retry: -1 }],
    ['a retry with a fraction', { retry: 1.5 }],
    ['S5: NUL in the id', { id: 'a\0b' }],
    ['an id that is no string', { id: 7 as unknown as string }],
  ])('is refused with %s', (_, fields) => {
    expect(() => serializeEvent({ ...fields, data: 'x' })).toThrow(InvalidEventError);
  });

  it('is refused with a message that quotes a bounded part of what is wrong', () => {
    expect(() => serializeEvent({ id: `\n${'x'.repeat(1000)}` })).toThrow(
      `id must be one line without NUL, not ${JSON.stringify(`\n${'x'.repeat(63)}`)}`,
    );
  });
});
