import { limitHit } from './index.js';

/** @param sessionId undefined where there is no session */
export function tellLimit(limit: string, sessionId: string | undefined): void {
  if (limitHit.hasSubscribers) limitHit.publish({ sessionId, limit });
}
