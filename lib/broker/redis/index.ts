export { InvalidRedisOptionsError } from './errors.js';
export { redis } from './redis.js';
export type { RedisBrokerOptions } from './redis-options.js';
