// not those of the global object: to wait in vain must end under fake time too
import { clearTimeout, setTimeout } from 'node:timers';
import { LONGEST_TIMER_MS } from '../errors/index.js';
import { NothingCameError } from './errors.js';

/**
 * @param others what came instead
 * @throws NothingCameError (rejects)
 */
export function within<T>(
  promise: Promise<T>,
  waitMs: number,
  waitedFor: string,
  others: () => readonly string[],
): Promise<T> {
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(new NothingCameError(waitedFor, waitMs, others()));
    const timer = setTimeout(fail, Math.min(waitMs, LONGEST_TIMER_MS));
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
