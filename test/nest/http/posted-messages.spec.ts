import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { type PostedMessages, readPosted } from '../../../lib/nest/http/posted-messages.js';
import { readBody } from '../../../lib/nest/http/request-body.js';
import { json } from '../../../lib/protocol/codec/index.js';

/** Of a body in JSON, which a parser of the application has made that of. */
async function posted(body: unknown, maxBytes: number): Promise<PostedMessages> {
  const headers = { 'content-type': 'application/json' };
  const request = { headers, readableEnded: true, body } as unknown as IncomingMessage;
  return readPosted(await readBody(request, json, maxBytes, 1_000), maxBytes);
}

describe('the messages of a POST', () => {
  it('are texts as a session takes them, and bytes where they are base64', async () => {
    const body = { seq: 1, messages: [{ event: 'a', data: 1 }, { base64: 'AQI=' }, 'text', null] };

    expect(await posted(body, 1_000)).toEqual({
      seq: 1,
      messages: ['{"event":"a","data":1}', Buffer.from([1, 2]), '"text"', 'null'],
    });
  });

  it('are an envelope even if that has a field of that name', async () => {
    const envelope = { event: 'a', base64: 'AQI=' };
    const { messages } = await posted({ seq: 1, messages: [envelope] }, 1_000);
    expect(messages).toEqual([JSON.stringify(envelope)]);
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
  ])('are refused with 400: %s', async (_, body) => {
    await expect(posted(body, 100_000)).rejects.toEqual(expect.objectContaining({ status: 400 }));
  });

  it('are refused with 413 when they have more bytes than a message may have, not characters', async () => {
    const body = { seq: 1, messages: ['ü'.repeat(49)] };
    expect((await posted(body, 100)).messages).toHaveLength(1);
    await expect(posted(body, 99)).rejects.toEqual(expect.objectContaining({ status: 413 }));
  });
});
