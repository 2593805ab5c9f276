import { ClientClosedError, OutcomeUnknownError, RequestTimedOutError } from 'nestwire/client';

const KINDS = [OutcomeUnknownError, ClientClosedError, RequestTimedOutError];

/** Whether a request has no answer because its connection or its session is gone. */
export function isLost(error: unknown): boolean {
  return KINDS.some((kind) => error instanceof kind);
}
