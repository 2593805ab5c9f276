import type { Cluster, Redis, RedisOptions } from 'ioredis';
import { InvalidRedisOptionsError } from './errors.js';
import { loadIoredis } from './load-ioredis.js';
import type { RedisBrokerOptions } from './redis-options.js';

export type ClientSettings = RedisOptions & { readonly replyMapping: 'legacy' };

/** One server, whoever is it at the time, or all that are a cluster. */
export type RedisClient = Redis | Cluster;

/** A client with these settings beside those of the application. */
export type Connect = (settings: ClientSettings) => RedisClient;

const DEFAULT_MASTER = 'mymaster';

/** @throws InvalidRedisOptionsError without saying what the URLs are */
export function connectorOf({ url, cluster, sentinels, master, connection }: RedisBrokerOptions): Connect {
  const given = [url, cluster, sentinels].filter((one) => one !== undefined);
  if (given.length !== 1)
    throw new InvalidRedisOptionsError('url must be given, or cluster, or sentinels, and only one of them');
  if (cluster) return toCluster(readUrls('cluster', cluster), connection);
  if (sentinels) return bySentinels(readUrls('sentinels', sentinels), master ?? DEFAULT_MASTER, connection);
  const [server] = readUrls('url', [url]);
  const { Redis } = loadIoredis();
  return (settings) => new Redis(server!.href, { ...connection, ...settings });
}

function readUrls(option: string, urls: readonly unknown[]): URL[] {
  const parsed = urls.map((url) => (typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined));
  const isRedis = parsed.map((url) => url?.hostname && /^rediss?:$/.test(url.protocol));
  if (parsed.length > 0 && isRedis.every(Boolean)) return parsed.filter((url) => url !== undefined);
  throw new InvalidRedisOptionsError(`${option} must begin with redis:// or rediss:// and name a host`);
}

const addressOf = ({ hostname, port }: URL, usual: number): { host: string; port: number } => ({
  host: hostname.replace(/^\[(.*)\]$/, '$1'),
  port: port === '' ? usual : Number(port),
});

/** What a URL says of who connects, and how. */
function accessOf({ username, password, protocol }: URL): RedisOptions {
  return {
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
    ...(protocol === 'rediss:' && { tls: {} }),
  };
}

function toCluster(urls: readonly URL[], connection: RedisBrokerOptions['connection']): Connect {
  const { Cluster } = loadIoredis();
  const nodes = urls.map((url) => addressOf(url, 6379));
  return ({ retryStrategy, lazyConnect, ...settings }) =>
    new Cluster(nodes, {
      lazyConnect: lazyConnect ?? true,
      // a node is connected when it is first needed: what is for it waits for that, at most `connectTimeout`
      enableOfflineQueue: true,
      clusterRetryStrategy: (times) => retryStrategy?.(times),
      // what was sent when the connection was lost may have been done
      retryDelayOnFailover: 0,
      slotsRefreshTimeout: settings.connectTimeout ?? 1_000,
      // nodes that a cluster tells of have the access of the first
      redisOptions: { ...accessOf(urls[0]!), ...connection, ...settings },
    });
}

function bySentinels(
  urls: readonly URL[],
  name: string,
  connection: RedisBrokerOptions['connection'],
): Connect {
  const { Redis } = loadIoredis();
  const { username, password, tls } = accessOf(urls[0]!);
  const access = {
    ...(username !== undefined && { sentinelUsername: username }),
    ...(password !== undefined && { sentinelPassword: password }),
    ...(tls && { enableTLSForSentinelMode: true, sentinelTLS: {} }),
  };
  const sentinels = urls.map((url) => addressOf(url, 26379));
  return (settings) => new Redis({ ...access, ...connection, ...settings, sentinels, name });
}
