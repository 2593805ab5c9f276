import { pathOf } from '../../transport/websocket/index.js';
import type { PathPattern } from './path-pattern.js';

/**
 * The parameters of a path in a request's URL; undefined when it is another path.
 * @param prefixes what may stand before it: the application's global prefix, or nothing
 */
export function paramsOf(
  pattern: PathPattern,
  prefixes: readonly string[],
  url: string,
): Record<string, string> | undefined {
  const path = pathOf(url);
  for (const prefix of prefixes) {
    if (path !== prefix && !path.startsWith(`${prefix}/`)) continue;
    const params = pattern.match(path.slice(prefix.length));
    if (params) return params;
  }
  return undefined;
}
