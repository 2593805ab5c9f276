import type { GatewaySession } from '../../session/index.js';
import type { HandlerSource } from './handler-source.js';

/**
 * Has Nest make the instances that a message or session needs; a singleton is bound already. Rejects with
 * what a constructor, a factory or the application's `ContextIdStrategy` throws.
 */
export async function bindSource(source: HandlerSource, session: GatewaySession): Promise<HandlerSource> {
  if (!source.instances) return source;
  const contextId = source.instances.contextFor(session);
  return { ...source, instance: await source.instances.resolve(contextId), contextId };
}
