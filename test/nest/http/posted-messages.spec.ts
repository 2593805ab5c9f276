import { describe, expect, it } from '@jest/globals';
import { readPosted } from '../../../lib/nest/http/posted-messages.js';

describe('the messages of a POST', () => {
  it('are texts as a session takes them, and bytes where they are base64', () => {
    const body = { seq: 1, messages: [{ event: 'a', data: 1 }, { base64: 'AQI=' }, 'text', null] };

    expect(readPosted(body, 1_000)).toEqual({
      seq: 1,
      messages: ['{"event":"a","data":1}', Buffer.from([1, 2]), '"text"', 'null'],
    });
  });

  it('are an envelope even if that has a field of that name', () => {
    const envelope = { event: 'a', base64: 'AQI=' };
    expect(readPosted({ seq: 1, messages: [envelope] }, 1_000).messages).toEqual([JSON.stringify(envelope)]);
  });

  it.each([
    ['null', null],
    ['a list', []],
    ['without a number', { messages: [] }],
    ['the number 0', { seq: 0, messages: [] }],
    ['a number with a fraction', { seq: 1.5, messages: [] }],
    ['a number beyond all integers', { seq: 2 ** 53, messages: [] }],
    ['without messages', { seq: 1 }],
    ['messages that are no list', { seq: 1, messages: { length: 1 } }],
    ['more than 1,000', { seq: 1, messages: Array.from({ length: 1_001 }, () => 1) }],
  ])('are refused with 400: %s', (_, body) => {
    expect(() => readPosted(body, 100_000)).toThrow(expect.objectContaining({ status: 400 }));
  });

  it('are refused with 413 when they have more bytes than a message may have, not characters', () => {
    const body = { seq: 1, messages: ['ü'.repeat(49)] };
    expect(readPosted(body, 100).messages).toHaveLength(1);
    expect(() => readPosted(body, 99)).toThrow(expect.objectContaining({ status: 413 }));
  });
});
