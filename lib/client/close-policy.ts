/** What a client does after a connection ended, by close code: the table of WIRE §8. */

export type AfterClose =
  /** Done: come back only when the application says so. */
  | 'stay-away'
  /** Come back after the back-off, and after the hint if there was one. */
  | 'come-back'
  /** Come back with a new token. */
  | 'renew-token';

/** Done, refused, or our own mistake: coming back would only repeat it. */
const STAY_AWAY = new Set([1000, 1001, 1002, 1003, 1007, 1009, 1010, 4400, 4403, 4409]);
const CREDENTIALS_EXPIRED = 4401;

export function afterClose(code: number): AfterClose {
  if (code === CREDENTIALS_EXPIRED) return 'renew-token';
  return STAY_AWAY.has(code) ? 'stay-away' : 'come-back';
}

/** The server's hint in a close reason: `retry=1500`. */
export function retryHintMs(reason: string): number {
  return Number(/^retry=(\d{1,9})$/.exec(reason)?.[1] ?? 0);
}
