/** What a session keeps besides its request and its connection; without garbage, and so without noise. */
import { describe, expect, it } from '@jest/globals';
import { Session } from '../../lib/session/index.js';
import { bytesHeld } from '../support/memory.js';
import { ORIGIN, TestHost } from '../support/test-session.js';

const COUNT = 5_000;

describe('a session that was asked for nothing', () => {
  it('is a few small objects, and its id a short text', async () => {
    const host = new TestHost();
    const sessions = Array.from({ length: 10 }, () => new Session(ORIGIN, host));
    const before = await bytesHeld();
    while (sessions.length < COUNT) sessions.push(new Session(ORIGIN, host));
    const made = await bytesHeld();
    const ids = new Set(sessions.map(({ id }) => id)).size;
    const named = await bytesHeld();
    expect(ids).toBe(COUNT);
    expect((made - before) / COUNT).toBeLessThan(450);
    expect((named - made) / COUNT).toBeLessThan(200);
  });
});
