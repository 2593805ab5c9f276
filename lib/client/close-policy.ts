/** What a client does after a connection ended, by close code: the table of WIRE §8. */
import { readRetryHint } from '../protocol/envelope/index.js';

export type AfterClose =
  /** Done: come back only when the application says so. */
  | 'stay-away'
  /** Come back after the back-off, and after the hint if there was one. */
  | 'come-back'
  /** Come back with a new token. */
  | 'renew-token';

/** Done, refused, or our own mistake: coming back would only repeat it. */
const STAY_AWAY = new Set([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 4400, 4403, 4409]);
const CREDENTIALS_EXPIRED = 4401;

/** Whoever says more than an hour does not mean it. */
const LONGEST_HINT_MS = 3_600_000;

export function afterClose(code: number): AfterClose {
  if (code === CREDENTIALS_EXPIRED) return 'renew-token';
  return STAY_AWAY.has(code) ? 'stay-away' : 'come-back';
}

/** The server's hint in an answer, in seconds or as a date. */
export function retryAfterMs({ headers }: Response): number {
  const hint = headers.get('Retry-After') ?? '0';
  const ms = /^\d+$/.test(hint) ? 1_000 * Number(hint) : Date.parse(hint) - Date.now();
  return Math.min(Math.max(0, ms || 0), LONGEST_HINT_MS);
}

/** The server's hint in a close reason: `retry=1500`. */
export function retryHintMs(reason: string): number {
  return Math.min(readRetryHint(reason) ?? 0, LONGEST_HINT_MS);
}
