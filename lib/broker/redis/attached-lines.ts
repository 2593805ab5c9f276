import type { Attachment } from './attachment.js';
import { ClusterLines } from './cluster-lines.js';
import { type LineEvents, type LineRole, type Lines, SingleLine } from './lines.js';
import type { RedisConnection } from './redis-connection.js';
import type { ResolvedRedisOptions } from './resolve-options.js';

/**
 * Lines that attach again what they lost.
 * @param cluster the connection for commands: it knows where the topics of a cluster are
 * @param attached what is to be subscribed, by topic
 */
export function attachedLines(
  role: LineRole,
  options: ResolvedRedisOptions,
  cluster: RedisConnection,
  attached: ReadonlyMap<string, { readonly attachment: Attachment }>,
  message: LineEvents['message'],
): Lines {
  const events: LineEvents = {
    message,
    ready: () => {
      for (const { attachment } of attached.values()) void attachment.begin();
    },
    lost: (topics, again) => {
      for (const topic of topics ?? attached.keys()) attached.get(topic)?.attachment.lost(again);
    },
  };
  return options.isCluster
    ? new ClusterLines(role, options, events, cluster)
    : new SingleLine(role, options, events);
}
