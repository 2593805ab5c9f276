import { afterAll, beforeAll, describe } from '@jest/globals';
import { testSeed } from '../support/random.js';
import type { Role } from './role.js';
import { limitsSuite, raisedLimits } from './section-10.4-limits.contract.js';
import { lengthsSuite } from './section-5.2-lengths.contract.js';
import { reservedSuite } from './section-5.2-reserved.contract.js';
import { maskingSuite } from './section-5.3-masking.contract.js';
import { fragmentationSuite } from './section-5.4-fragmentation.contract.js';
import { controlFramesSuite } from './section-5.5-control-frames.contract.js';
import { closingSuite } from './section-7-closing.contract.js';
import { utf8Suite } from './section-8.1-utf8.contract.js';
import { ServerRole } from './server-role.js';

function run(role: Role, suites: readonly ((role: Role) => void)[]): void {
  beforeAll(() => role.start());
  afterAll(() => role.stop());
  for (const suite of suites) suite(role);
}

describe(`The server, TEST_SEED=${testSeed}`, () => {
  describe('with default limits', () => {
    run(new ServerRole(), [
      lengthsSuite,
      reservedSuite,
      maskingSuite,
      fragmentationSuite,
      controlFramesSuite,
      utf8Suite,
      closingSuite,
    ]);
  });

  describe('with limits of 16 MiB', () => {
    run(new ServerRole(raisedLimits, 20_000), [limitsSuite]);
  });
});
