import { BrokerUnavailableError } from '../../channel/index.js';
import { NestwireError } from '../../errors/index.js';

/** Options of `redis()` that make no sense, or a missing `ioredis`. */
export class InvalidRedisOptionsError extends NestwireError {
  readonly code = 'INVALID_REDIS_OPTIONS';
}

export function unavailable(reason: string): BrokerUnavailableError {
  return new BrokerUnavailableError(`Redis is not available: ${reason}`);
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
