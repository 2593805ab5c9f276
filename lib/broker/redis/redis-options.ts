/** Options of `redis()`. */
export interface RedisBrokerOptions {
  /**
   * One server: `redis://[user:password@]host[:port][/db]`, or `rediss://` for TLS. Credentials in it are never
   * logged, nor in any error. Instead of it `cluster` or `sentinels`.
   */
  readonly url?: string;
  /** Some nodes of a Redis Cluster, as URLs; the others are found by them. The access of the first is that to all. */
  readonly cluster?: readonly string[];
  /**
   * The Sentinels that say which server is the master, as URLs, with the access to Sentinels. That to the servers
   * goes into `connection`: `{ username, password, db, tls }`.
   */
  readonly sentinels?: readonly string[];
  /** With `sentinels`: what they call the master. Default `mymaster`. */
  readonly master?: string;
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
  /**
   * How long a process may be silent before the people in channels that it told of are taken to have left, in ms.
   * It says that it lives three times in that time, for each of its channels with presence. Default 15,000.
   */
  readonly presenceMs?: number;
  /** Further options of ioredis (`RedisOptions`): certificates, names of connections. */
  readonly connection?: Readonly<Record<string, unknown>>;
}
