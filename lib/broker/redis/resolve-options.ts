import { LONGEST_TIMER_MS } from '../../errors/index.js';
import { type Connect, connectorOf } from './connect.js';
import { InvalidRedisOptionsError } from './errors.js';
import type { RedisBrokerOptions } from './redis-options.js';

type Named = 'prefix' | 'durability' | 'timeoutMs' | 'maxPending' | 'idleMs' | 'presenceMs';

/** Without URL and credentials: whoever prints what holds these options, an application's own too, prints none. */
export interface ResolvedRedisOptions extends Required<Pick<RedisBrokerOptions, Named>> {
  readonly connect: Connect;
  /** Whether its Pub/Sub is sharded. */
  readonly isCluster: boolean;
}

const DAY_MS = 86_400_000;

/** @throws InvalidRedisOptionsError without saying what the URL is */
export function resolveRedisOptions(options: RedisBrokerOptions): ResolvedRedisOptions {
  const resolved: ResolvedRedisOptions = {
    prefix: options.prefix ?? 'nestwire',
    durability: options.durability ?? 'memory',
    timeoutMs: options.timeoutMs ?? 5_000,
    maxPending: options.maxPending ?? 10_000,
    idleMs: options.idleMs ?? DAY_MS,
    presenceMs: options.presenceMs ?? 15_000,
    connect: connectorOf(options),
    isCluster: options.cluster !== undefined,
  };
  check(/^[\w.:-]{1,64}$/.test(resolved.prefix), 'prefix must be 1 to 64 letters, digits, _, -, . or :');
  check(['memory', 'always'].includes(resolved.durability), "durability must be 'memory' or 'always'");
  for (const name of ['timeoutMs', 'maxPending', 'idleMs', 'presenceMs'] as const) {
    const value = resolved[name];
    const isInRange = Number.isInteger(value) && value > 0 && value <= LONGEST_TIMER_MS;
    check(isInRange, `${name} must be an integer from 1 to ${LONGEST_TIMER_MS}, not ${String(value)}`);
  }
  return resolved;
}

function check(holds: boolean, otherwise: string): void {
  if (!holds) throw new InvalidRedisOptionsError(otherwise);
}
