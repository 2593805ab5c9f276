import type { Redis, RedisOptions } from 'ioredis';
import { InvalidRedisOptionsError } from './errors.js';
import { loadIoredis } from './load-ioredis.js';
import type { RedisBrokerOptions } from './redis-options.js';

/** Without URL and credentials: whoever prints what holds these options, an application's own too, prints none. */
export interface ResolvedRedisOptions extends Required<Omit<RedisBrokerOptions, 'url' | 'connection'>> {
  /** A client with these settings beside those of the application. */
  readonly connect: (settings: ClientSettings) => Redis;
}

export type ClientSettings = RedisOptions & { readonly replyMapping: 'legacy' };

const DAY_MS = 86_400_000;
/** Of a timer. */
const MAX_MS = 2 ** 31 - 1;

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
  };
  check(isRedisUrl(options.url), 'url must begin with redis:// or rediss:// and name a host');
  check(/^[\w.:-]{1,64}$/.test(resolved.prefix), 'prefix must be 1 to 64 letters, digits, _, -, . or :');
  check(['memory', 'always'].includes(resolved.durability), "durability must be 'memory' or 'always'");
  for (const name of ['timeoutMs', 'maxPending', 'idleMs', 'presenceMs'] as const) {
    const value = resolved[name];
    const isInRange = Number.isInteger(value) && value > 0 && value <= MAX_MS;
    check(isInRange, `${name} must be an integer from 1 to ${MAX_MS}, not ${String(value)}`);
  }
  return resolved;
}

function connectorOf({ url, connection }: RedisBrokerOptions): ResolvedRedisOptions['connect'] {
  const { Redis } = loadIoredis();
  return (settings) => new Redis(url, { ...connection, ...settings });
}

function isRedisUrl(url: unknown): boolean {
  return typeof url === 'string' && URL.canParse(url) && /^rediss?:$/.test(new URL(url).protocol);
}

function check(holds: boolean, otherwise: string): void {
  if (!holds) throw new InvalidRedisOptionsError(otherwise);
}
