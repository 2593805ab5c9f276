import { describe, expect, it } from '@jest/globals';
import { InvalidEventError, SseItem, sse } from 'nestwire';
import { sharedTextOf, textOf } from '../../../lib/nest/sse/sse-item.js';

describe('an item', () => {
  it('is checked where it is made', () => {
    expect(sse({ event: 'a', id: '', retry: 0, data: 1 })).toBeInstanceOf(SseItem);
    expect(() => sse({ id: '1\ndata: x' })).toThrow(InvalidEventError);
    expect(() => sse({ event: 'a\r' })).toThrow(InvalidEventError);
    expect(() => sse({ retry: -1 })).toThrow(InvalidEventError);
  });

  it.each([
    ['a\nb', 'a\nb'],
    [1, '1'],
    [{ a: [null] }, '{"a":[null]}'],
    [null, 'null'],
    [undefined, 'null'],
  ])('%j is the text %j', (data, text) => {
    expect(textOf(data)).toBe(text);
    expect(sharedTextOf(data)).toBe(text);
  });

  it('that many get is made into text once', () => {
    let times = 0;
    const data = { toJSON: () => ++times };

    expect([sharedTextOf(data), sharedTextOf(data)]).toEqual(['1', '1']);
    expect([textOf(data), textOf(data)]).toEqual(['2', '3']);
  });
});
