import { describe, expect, it } from '@jest/globals';
import { MalformedMessage, readClientMessage } from '../../../lib/protocol/envelope/index.js';

describe('readClientMessage', () => {
  it.each([
    { event: 'a' },
    { event: 'a', data: null },
    { event: 'a', data: [1], id: 0 },
    { event: 'a', id: -7 },
    { event: 'a', id: '' },
    { event: 'a', id: 'x'.repeat(64) },
    { event: 'a', id: 'ü'.repeat(32) },
    { event: 'a', more: true, unknown: 1 },
  ])('takes %j, and hands on the same object', (message) => {
    expect(readClientMessage(message)).toBe(message);
  });

  it.each([null, undefined, 1, 'text', [], {}, { event: 1 }, { event: '' }, { event: null }, new Date()])(
    'finds %j malformed',
    (message) => {
      expect(readClientMessage(message)).toBeInstanceOf(MalformedMessage);
    },
  );

  it.each([null, 1.5, 2 ** 53, Number.NaN, true, {}, 'x'.repeat(65), 'ü'.repeat(33), new Uint8Array(1)])(
    'refuses the id %p',
    (id) => {
      expect(readClientMessage({ event: 'a', id })).toMatchObject({
        reason: expect.stringContaining('"id"'),
      });
    },
  );

  it('keeps the id of a message that lacks an event, so that its sender can be told', () => {
    expect(readClientMessage({ id: 7 })).toEqual(new MalformedMessage('"event" is not a name', 7));
  });
});
