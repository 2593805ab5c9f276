import { pathOf } from '../../transport/websocket/index.js';

/**
 * The path of a request's URL as gateways know theirs: below each prefix that it begins with.
 * @param prefixes what may stand before it: the application's global prefix, or nothing
 */
export function pathsBelow(prefixes: readonly string[], url: string): string[] {
  const path = pathOf(url);
  return prefixes
    .filter((prefix) => path === prefix || path.startsWith(`${prefix}/`))
    .map((prefix) => path.slice(prefix.length));
}
