import { type SessionTicket, parseSessionTicket, queryOf } from '../../session/index.js';

const PARAMETER = 'nestwire-session';

/**
 * What kind of session a client wants, by the query of its request: a plain one if it says nothing, a new
 * resumable one, or the one that it had.
 * @returns undefined for a wish that nobody understands
 */
export function readSessionWish(target: string): 'plain' | 'new' | SessionTicket | undefined {
  if (!target.includes(PARAMETER)) return 'plain';
  const wish = new URLSearchParams(queryOf(target)).get(PARAMETER);
  return wish === null ? 'plain' : parseSessionTicket(wish);
}
