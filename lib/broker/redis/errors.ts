import { NestwireError } from '../../errors/index.js';

/** Options of `redis()` that make no sense, or a missing `ioredis`. */
export class InvalidRedisOptionsError extends NestwireError {
  readonly code = 'INVALID_REDIS_OPTIONS';
}

/**
 * What may be told of an error of the client's: a code. Its message and its properties may hold what was sent,
 * credentials too.
 */
export function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code === 'string') return code;
  return /^[A-Z]{2,}\b/.exec(String(message))?.[0] ?? 'the connection was lost';
}
