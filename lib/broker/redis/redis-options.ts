import type { Redis, RedisOptions } from 'ioredis';
import { InvalidRedisOptionsError } from './errors.js';
import { loadIoredis } from './load-ioredis.js';

/** Options of `redis()`. */
export interface RedisBrokerOptions {
  /**
   * `redis://[user:password@]host[:port][/db]`, or `rediss://` for TLS. Credentials in it are never logged, nor
   * in any error.
   */
  readonly url: string;
  /**
   * Before every name in Redis: applications, or tenants, that share a Redis have one each. 1 to 64 letters,
   * digits, `_`, `-`, `.` and `:`. Default `nestwire`.
   */
  readonly prefix?: string;
  /**
   * What Redis is trusted to keep. `memory` (default): what is in its process, so histories begin new epochs
   * after its restart, and after a replica was promoted. `always`: what it wrote to disk, so epochs survive its
   * restart. That holds only with `appendonly yes` and `appendfsync always`; without `appendonly` it is as `memory`.
   */
  readonly durability?: 'memory' | 'always';
  /**
   * How long a publication or a read waits at most for Redis, and how long a connection may be silent before it
   * is given up, in ms. Default 5,000.
   */
  readonly timeoutMs?: number;
  /** How many publications and reads may wait at the same time. One more is refused. Default 10,000. */
  readonly maxPending?: number;
  /** A history that was neither written nor read for so long is forgotten by Redis, in ms. Default 24 hours. */
  readonly idleMs?: number;
  /** Further options of ioredis (`RedisOptions`): TLS, Sentinel, names of connections. */
  readonly connection?: Readonly<Record<string, unknown>>;
}

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
    connect: connectorOf(options),
  };
  check(isRedisUrl(options.url), 'url must begin with redis:// or rediss:// and name a host');
  check(/^[\w.:-]{1,64}$/.test(resolved.prefix), 'prefix must be 1 to 64 letters, digits, _, -, . or :');
  check(['memory', 'always'].includes(resolved.durability), "durability must be 'memory' or 'always'");
  for (const name of ['timeoutMs', 'maxPending', 'idleMs'] as const) {
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
