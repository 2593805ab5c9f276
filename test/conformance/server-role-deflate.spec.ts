import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import type { Agreement } from '../support/raw-deflate.js';
import { seed } from '../support/seed.js';
import { DeflateServerRole } from './deflate-role.js';
import { deflateSuite } from './rfc-7692-deflate.contract.js';
import { parametersCase } from './rfc-7692-parameters.contract.js';

const offers = [
  '',
  'client_max_window_bits',
  'server_no_context_takeover',
  'client_no_context_takeover',
  'server_no_context_takeover; client_no_context_takeover',
  ...[8, 9, 10, 15].map((bits) => `server_max_window_bits=${bits}`),
  ...[8, 9, 10, 15].map((bits) => `client_max_window_bits=${bits}`),
  'server_max_window_bits=9; client_max_window_bits=9',
  'server_no_context_takeover; server_max_window_bits=9',
  'server_no_context_takeover; server_max_window_bits=15; client_max_window_bits',
  'server_no_context_takeover; client_no_context_takeover; server_max_window_bits=8; client_max_window_bits=8',
];

/** RFC 7692 §7.1.1 and §7.1.2: what an offer asks of the server has to be granted, and nothing else said. */
function honours(offer: string): (agreement: Agreement) => void {
  return ({ server, client, parameters }) => {
    if (offer.includes('server_no_context_takeover')) expect(server.takeover).toBe(false);
    const bits = Number(/server_max_window_bits=(\d+)/.exec(offer)?.[1] ?? 15);
    expect(server.windowBits).toBeLessThanOrEqual(bits);
    if (!offer.includes('client_max_window_bits'))
      expect([...parameters.keys()]).not.toContain('client_max_window_bits');
    const limit = Number(/client_max_window_bits=(\d+)/.exec(offer)?.[1] ?? 15);
    expect(client.windowBits).toBeLessThanOrEqual(limit);
  };
}

describe(`The server with permessage-deflate, TEST_SEED=${seed}`, () => {
  describe('with takeover', () => deflateSuite(new DeflateServerRole()));

  describe.each([
    ['by default', { threshold: 0 }],
    ['without takeover of the server', { threshold: 0, serverNoContextTakeover: true }],
    ['without takeover of the client', { threshold: 0, clientNoContextTakeover: true }],
    ['with small windows', { threshold: 0, serverMaxWindowBits: 9, clientMaxWindowBits: 10 }],
    ['with the smallest window', { threshold: 0, serverMaxWindowBits: 8, clientMaxWindowBits: 8 }],
    ['with a budget of nothing', { threshold: 0, memoryBudgetBytes: 0 }],
    ['with a threshold', { threshold: 1_024, level: 1, memLevel: 1 }],
  ])('%s', (_, perMessageDeflate) => {
    const role = new DeflateServerRole({ perMessageDeflate });
    beforeAll(() => role.start());
    afterAll(() => role.stop());
    for (const offer of offers) parametersCase(role, offer, honours(offer));
  });
});
