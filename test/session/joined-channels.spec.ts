import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { JoinedChannels, type JoiningSession } from '../../lib/session/joined-channels.js';
import type { Membership } from '../../lib/session/membership.js';

/** Between two attempts, generously. */
const A_WHILE_MS = 1_000;

describe('A session that was let into its channels before it was open', () => {
  const join = jest.fn<Membership['join']>();
  const joinFailed = jest.fn<JoiningSession['joinFailed']>();
  let channels: JoinedChannels;

  beforeEach(async () => {
    jest.useFakeTimers();
    join.mockReset().mockResolvedValue({});
    joinFailed.mockReset();
    const membership: Membership = { join, leave: () => undefined, position: async () => undefined };
    const member = { id: 's', joinFailed } as unknown as JoiningSession;
    channels = new JoinedChannels(member, membership, 10, false);
    await channels.join('news', '1.e.7');
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('comes into them from where it is to go on, however often the broker refuses, and tells that once', async () => {
    for (let i = 0; i < 3; i++) join.mockRejectedValueOnce(new Error('away'));
    channels.open();
    await jest.advanceTimersByTimeAsync(10 * A_WHILE_MS);

    expect(join.mock.calls.map(([name, , from]) => [name, from])).toEqual(Array(4).fill(['news', '1.e.7']));
    expect(joinFailed).toHaveBeenCalledTimes(1);
    expect(channels.has('news')).toBe(true);
  });

  it.each<[string, () => void]>([
    ['it has left', () => channels.leave('news')],
    ['its connection is gone', () => channels.suspend()],
    ['it has ended', () => channels.leaveAll()],
  ])('tries no more when %s', async (_, end) => {
    join.mockRejectedValue(new Error('away'));
    channels.open();
    await jest.advanceTimersByTimeAsync(0);
    end();
    await jest.advanceTimersByTimeAsync(10 * A_WHILE_MS);

    expect(join).toHaveBeenCalledTimes(1);
  });

  it('has one that tries when it was opened twice', async () => {
    join.mockRejectedValue(new Error('away'));
    channels.open();
    await jest.advanceTimersByTimeAsync(0);
    channels.suspend();
    channels.open();
    await jest.advanceTimersByTimeAsync(0);
    expect(join).toHaveBeenCalledTimes(2);
    join.mockResolvedValue({});
    await jest.advanceTimersByTimeAsync(10 * A_WHILE_MS);

    expect(join).toHaveBeenCalledTimes(3);
  });
});
