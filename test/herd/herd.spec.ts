/** The short form of `npm run test:herd`. Runs dist/, which `npm test` builds before. */
import { describe, expect, it } from '@jest/globals';
import { type HerdAccount, runHerd } from './herd.mjs';

const CLIENTS = 60;
const TRANSPORTS = 4;
const TIME_LIMIT_MS = 120_000;

/** Much shorter than with the thousand, and so much livelier. */
const SHORT = { clients: CLIENTS, seconds: 3, rate: 10, cutMs: 800, awayMs: 300, pollMs: 100 };

describe('A herd of clients that lose their connections at random while somebody publishes', () => {
  it(
    'gets everything, in order and once, over each transport',
    async () => {
      const { published, accounts } = await runHerd(SHORT);
      const clients = CLIENTS / TRANSPORTS;
      const whole: Partial<HerdAccount> = {
        delivered: clients * published,
        lost: 0,
        doubled: 0,
        gaps: 0,
        sessions: clients,
      };
      expect(Object.values(accounts)).toMatchObject(Array(TRANSPORTS).fill(whole));
      for (const { connections } of Object.values(accounts))
        expect(connections).toBeGreaterThan(1.5 * clients);
    },
    TIME_LIMIT_MS,
  );

  it(
    'is told what is missing where the history was too short, and misses nothing else',
    async () => {
      const { published, accounts } = await runHerd({ ...SHORT, history: 2, awayMs: 2_000 });
      for (const { delivered, told, lost, doubled, gaps } of Object.values(accounts)) {
        expect({ lost, doubled }).toEqual({ lost: 0, doubled: 0 });
        expect(gaps).toBeGreaterThan(0);
        expect(delivered + told).toBe((CLIENTS / TRANSPORTS) * published);
      }
    },
    TIME_LIMIT_MS,
  );
});
