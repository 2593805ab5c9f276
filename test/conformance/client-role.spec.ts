import { afterAll, beforeAll, describe } from '@jest/globals';
import { seed } from '../support/seed.js';
import { ClientRole, DeflateClientRole } from './client-role.js';
import { deflateSuite } from './rfc-7692-deflate.contract.js';
import { parametersCase } from './rfc-7692-parameters.contract.js';
import { limitsSuite, raisedLimits } from './section-10.4-limits.contract.js';
import { everySection, runSuites } from './suites.js';

describe(`The client, TEST_SEED=${seed}`, () => {
  describe('with default limits', () => runSuites(new ClientRole(), everySection));
  describe('with limits of 16 MiB', () => runSuites(new ClientRole(raisedLimits), [limitsSuite]));
  describe('with permessage-deflate', () => deflateSuite(new DeflateClientRole()));

  describe('with every parameter of permessage-deflate', () => {
    const role = new DeflateClientRole();
    beforeAll(() => role.start());
    afterAll(() => role.stop());
    for (const answer of [
      '',
      'server_no_context_takeover',
      'client_no_context_takeover',
      'server_no_context_takeover; client_no_context_takeover',
      ...[8, 9, 12, 15].map((bits) => `server_max_window_bits=${bits}`),
      ...[8, 9, 12, 15].map((bits) => `client_max_window_bits=${bits}`),
      'server_max_window_bits=8; client_max_window_bits=8',
      'server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9; client_max_window_bits=9',
    ]) {
      parametersCase(role, answer, () => {});
    }
  });
});
