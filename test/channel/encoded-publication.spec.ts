import { describe, expect, it } from '@jest/globals';
import { EncodedPublication } from '../../lib/channel/encoded-publication.js';
import { json } from '../../lib/protocol/codec/index.js';
import type { Codec } from '../../lib/protocol/index.js';

const PUBLICATION = { event: 'said', body: '"hi"', channel: 'lobby', cursor: undefined };

function counting(): { codec: Codec; count: () => number } {
  let encoded = 0;
  const codec: Codec = { ...json, encodePublication: () => `encoded ${++encoded}` };
  return { codec, count: () => encoded };
}

describe('a publication to many members', () => {
  it('is encoded once for each codec in use, whatever the order of the members', () => {
    const [a, b] = [counting(), counting()];
    const publication = new EncodedPublication(PUBLICATION);
    const messages = Array.from({ length: 1000 }, (_, i) => publication.by(i % 2 ? a.codec : b.codec));

    expect([a.count(), b.count()]).toEqual([1, 1]);
    expect(new Set(messages).size).toBe(2);
  });

  it('is told as an exception where it cannot be encoded, also once', () => {
    let tried = 0;
    const codec: Codec = {
      ...json,
      name: 'strict',
      encodePublication: () => {
        tried++;
        throw new Error('no');
      },
    };
    const publication = new EncodedPublication(PUBLICATION);
    publication.by(codec);

    expect(JSON.parse(publication.by(codec)?.data as string)).toEqual({
      event: 'exception',
      data: {
        status: 'error',
        statusCode: 500,
        code: 'NOT_ENCODABLE',
        message: 'a publication of channel "lobby" cannot be encoded as strict',
      },
    });
    expect(tried).toBe(1);
  });
});
