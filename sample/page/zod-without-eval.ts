import { z } from 'zod';

/**
 * Before any schema is made: zod would try `new Function`, which the page's Content-Security-Policy reports.
 * A call, since bundlers leave out what is imported for its effect only (`sideEffects` in package.json).
 */
export function keepZodFromEval(): void {
  z.config({ jitless: true });
}
