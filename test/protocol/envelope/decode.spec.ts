import { describe, expect, it } from '@jest/globals';
import { MalformedMessage, decodeClientMessage } from '../../../lib/protocol/envelope/index.js';

const decode = (message: unknown): unknown => decodeClientMessage(JSON.stringify(message));

describe('decodeClientMessage', () => {
  it.each([
    { event: 'a' },
    { event: 'a', data: null },
    { event: 'a', data: [1], id: 0 },
    { event: 'a', id: -7 },
    { event: 'a', id: '' },
    { event: 'a', id: 'x'.repeat(64) },
    { event: 'a', id: 'ü'.repeat(32) },
    { event: 'a', more: true, unknown: 1 },
  ])('takes %j', (message) => {
    expect(decode(message)).toEqual(message);
  });

  it.each(['', '{', 'null', '1', '"text"', '[]', '{}', '{"event":1}', '{"event":""}', '{"event":null}'])(
    'finds %s malformed',
    (text) => {
      expect(decodeClientMessage(text)).toBeInstanceOf(MalformedMessage);
    },
  );

  it.each([null, 1.5, 2 ** 53, true, {}, 'x'.repeat(65), 'ü'.repeat(33)])('refuses the id %j', (id) => {
    expect(decode({ event: 'a', id })).toMatchObject({ reason: expect.stringContaining('"id"') });
  });

  it('keeps the id of a message that lacks an event, so that its sender can be told', () => {
    expect(decode({ id: 7 })).toEqual(new MalformedMessage('"event" is not a name', 7));
  });

  it('leaves Object.prototype alone, whatever the keys', () => {
    decodeClientMessage('{"event":"a","__proto__":{"polluted":true},"data":{"__proto__":{"polluted":true}}}');

    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('survives a hundred thousand nested arrays', () => {
    const text = `{"event":"a","data":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;

    expect(decodeClientMessage(text)).toHaveProperty('event', 'a');
  });
});
