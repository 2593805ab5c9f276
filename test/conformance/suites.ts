import { afterAll, beforeAll } from '@jest/globals';
import type { Role } from './role.js';
import { lengthsSuite } from './section-5.2-lengths.contract.js';
import { reservedSuite } from './section-5.2-reserved.contract.js';
import { maskingSuite } from './section-5.3-masking.contract.js';
import { fragmentationSuite } from './section-5.4-fragmentation.contract.js';
import { controlFramesSuite } from './section-5.5-control-frames.contract.js';
import { closingSuite } from './section-7-closing.contract.js';
import { utf8Suite } from './section-8.1-utf8.contract.js';

type Suite = (role: Role) => void;

/** What both sides of the protocol have to do under any limits. */
export const everySection: readonly Suite[] = [
  lengthsSuite,
  reservedSuite,
  maskingSuite,
  fragmentationSuite,
  controlFramesSuite,
  utf8Suite,
  closingSuite,
];

/** One endpoint for all cases of the suites: each of them leaves it as it was. */
export function runSuites(role: Role, suites: readonly Suite[]): void {
  beforeAll(() => role.start());
  afterAll(() => role.stop());
  for (const suite of suites) suite(role);
}
