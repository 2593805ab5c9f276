import type { Broker } from '../../channel/index.js';
import { RedisBroker } from './redis-broker.js';
import type { RedisBrokerOptions } from './redis-options.js';
import { resolveRedisOptions } from './resolve-options.js';

/**
 * A broker on Redis 7 or later, for `NestwireModule.forRoot({ broker: redis({ url }) })`: the applications that
 * have the same Redis, database and prefix are one. It connects when it is first used, and comes back for ever.
 *
 * What it rejects with is a `BrokerUnavailableError` while Redis can't be reached, refuses, or does not answer
 * in `timeoutMs`. An acknowledged publication survives what `durability` says, within the bounds of its history.
 * @throws InvalidRedisOptionsError for options that make no sense, and without the package `ioredis`
 */
export function redis(options: RedisBrokerOptions): Broker {
  return new RedisBroker(resolveRedisOptions(options));
}
