import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { JoiningSession } from '../../lib/session/joined-channels.js';
import type { Membership } from '../../lib/session/membership.js';
import { ResumableChannels } from '../../lib/session/resumable-channels.js';

describe('Where a session goes on in its channels when its client returns', () => {
  const join = jest.fn<Membership['join']>();
  let channels: ResumableChannels;

  beforeEach(async () => {
    join.mockReset().mockResolvedValue({});
    const membership: Membership = { join, leave: () => undefined, position: async () => undefined };
    const member = { id: 's', joinFailed: () => undefined } as unknown as JoiningSession;
    channels = new ResumableChannels(member, membership, 10, false);
    await channels.join('news');
    channels.open();
    channels.standsAt('news', '1.e.7');
  });

  /** The connection is gone, and there is another. @returns the cursor that the channel is joined from */
  function comeBack(named: Record<string, string> = {}): string | undefined {
    channels.suspend();
    channels.name(new Map(Object.entries(named)));
    channels.open();
    return join.mock.calls.at(-1)![2];
  }

  it('is after the cursor that it names', () => {
    expect(comeBack({ news: '1.e.9' })).toBe('1.e.9');
  });

  it('is where it joined when it has never heard of that', () => {
    expect(comeBack()).toBe('1.e.7');
  });

  it('is still there when it has not heard of the gap that was told next: it would never be told otherwise', () => {
    channels.standsAt('news', '1.e.24');
    expect(comeBack()).toBe('1.e.7');
  });

  it('is where it named last when it names nothing any more', () => {
    comeBack({ news: '1.e.9' });
    expect(comeBack()).toBe('1.e.9');
  });

  it('is where it joined again, when it had left meanwhile', async () => {
    channels.leave('news');
    await channels.join('news');
    channels.standsAt('news', '1.e.30');
    expect(comeBack()).toBe('1.e.30');
  });
});
