import { createHash, timingSafeEqual } from 'node:crypto';

/** SHA-256. What is looked up or compared by its digest tells nothing of itself by the time that it takes. */
export const digest = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** Whether two secrets are the same, in a time that says nothing about where they differ. */
export function sameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}
