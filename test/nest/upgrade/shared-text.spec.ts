import { describe, expect, it } from '@jest/globals';
import { sharedText } from '../../../lib/nest/upgrade/shared-text.js';
import { MiB, bytesHeld } from '../../support/memory.js';

/** As a request brings it: never the same string twice. */
const fresh = (text: string): string => Buffer.from(text).toString();

describe('a text that many requests have', () => {
  it('is the text that was given', () => {
    for (const text of ['', 'websocket', 'é€😀', 'x'.repeat(1_000)])
      expect(sharedText(fresh(text))).toBe(text);
  });

  it('is kept once', async () => {
    const before = await bytesHeld();
    const texts = Array.from({ length: 20_000 }, () => sharedText(fresh('user agent '.repeat(20))));
    const held = (await bytesHeld()) - before;
    expect(texts).toHaveLength(20_000);
    expect(held).toBeLessThan(2 * MiB);
  });

  it('is not kept for ever: a client that sends others all the time fills nothing', async () => {
    const before = await bytesHeld();
    for (let i = 0; i < 50_000; i++) sharedText(fresh(`${i}${'x'.repeat(200)}`));
    for (let i = 0; i < 1_000; i++) sharedText(fresh(`${i}${'x'.repeat(10_000)}`));
    expect((await bytesHeld()) - before).toBeLessThan(2 * MiB);
  });
});
