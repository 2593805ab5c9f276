import { describe, expect, it } from '@jest/globals';
import { DEFAULT_LIMITS, InvalidLimitError, resolveLimits } from '../../lib/session/index.js';

const LONGEST_MS = 2_147_483_647;

describe('limits', () => {
  it('are the defaults but for those that are given', () => {
    expect(resolveLimits({ channels: 3 })).toEqual({ ...DEFAULT_LIMITS, channels: 3 });
  });

  it.each([{ channels: 0 }, { messageBytes: 1.5 }, { handshakeMs: Infinity }, { chanels: 1 }])(
    'are not %j',
    (limits) => {
      expect(() => resolveLimits(limits)).toThrow(InvalidLimitError);
    },
  );

  it.each(['handshakeMs', 'closeWaitMs', 'idleMs', 'messageMs', 'shutdownMs', 'shutdownSpreadMs'])(
    'wait no longer than a timer can: %s',
    (name) => {
      expect(resolveLimits({ [name]: LONGEST_MS })).toMatchObject({ [name]: LONGEST_MS });
      expect(() => resolveLimits({ [name]: LONGEST_MS + 1 })).toThrow(
        `limit "${name}" of 2147483648 ms exceeds 2147483647`,
      );
    },
  );

  it('may be off where that is the default', () => {
    expect(resolveLimits({ idleMs: Infinity, messageMs: Infinity })).toEqual(DEFAULT_LIMITS);
  });

  it('let a session wait for its client as long as is wanted', () => {
    expect(resolveLimits({ resumeWindowMs: LONGEST_MS + 1 }).resumeWindowMs).toBe(LONGEST_MS + 1);
  });
});
