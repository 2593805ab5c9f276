import { describe } from '@jest/globals';
import { seed } from '../support/seed.js';
import { limitsSuite, raisedLimits } from './section-10.4-limits.contract.js';
import { InProcessServerRole, ServerRole } from './server-role.js';
import { everySection, runSuites } from './suites.js';

describe(`The server, TEST_SEED=${seed}`, () => {
  describe('with default limits', () => runSuites(new ServerRole(), everySection));
  describe('without a network', () => runSuites(new InProcessServerRole(), everySection));
  describe('with limits of 16 MiB', () => runSuites(new ServerRole(raisedLimits), [limitsSuite]));
});
