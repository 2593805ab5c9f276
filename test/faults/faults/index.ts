import type { Fault } from '../fault.js';
import { clockJump } from './clock-jump.js';
import { fileLimit } from './file-limit.js';
import { halfOpen } from './half-open.js';
import { noFault } from './no-fault.js';
import { nodeCrash } from './node-crash.js';
import { nodeFreeze } from './node-freeze.js';
import { packetLoss } from './packet-loss.js';
import { reconnectHerd } from './reconnect-herd.js';
import { redisFreeze } from './redis-freeze.js';
import { redisOutage } from './redis-outage.js';
import { redisRestart, redisRestartOnDisk } from './redis-restart.js';
import { resetStorm } from './reset-storm.js';
import { rollingRestart } from './rolling-restart.js';
import { slowReaders } from './slow-readers.js';
import { subscriberCut } from './subscriber-cut.js';

export const SHORT: readonly Fault[] = [nodeCrash, subscriberCut, redisRestart];

const EVERY: readonly Fault[] = [
  noFault,
  nodeCrash,
  rollingRestart,
  nodeFreeze,
  fileLimit,
  clockJump,
  subscriberCut,
  redisFreeze,
  redisRestart,
  redisOutage,
  slowReaders,
  resetStorm,
  packetLoss,
  halfOpen,
  reconnectHerd,
  redisRestartOnDisk,
];

/** Those that this machine can make. */
export const ALL = EVERY.filter(({ isPossible = true }) => isPossible);
