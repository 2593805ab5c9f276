/** The application's own context around messages: `AsyncLocalStorage.run` and what is built on it. */
import { NestwireError } from '../../errors/index.js';
import type { GatewaySession } from '../../session/index.js';

/**
 * Runs what a message makes run, by calling `next` once and at once, within `AsyncLocalStorage.run` for
 * instance. It is called for each message; with the event `nestwire:connect` when a client connects, and
 * with `nestwire:disconnect` when its session has ended.
 */
export type MessageContext = (session: GatewaySession, event: string, next: () => void) => void;

/** The application's `context` has returned without having called `next`. */
export class ContextNotEnteredError extends NestwireError {
  readonly code = 'CONTEXT_NOT_ENTERED';

  constructor(event: string) {
    super(`"context" has not called next() for "${event}": it has to do so before it returns`);
  }
}

/**
 * @returns what `act` returns, whatever the application's function does with it
 * @throws what `act` throws, and ContextNotEnteredError
 */
export function enter<T>(
  context: MessageContext | undefined,
  session: GatewaySession,
  event: string,
  act: () => T,
): T {
  if (!context) return act();
  let outcome: (() => T) | undefined;
  let isLate = false;
  context(session, event, () => {
    if (!isLate) outcome ??= attempt(act);
  });
  isLate = true;
  if (!outcome) throw new ContextNotEnteredError(event);
  return outcome();
}

function attempt<T>(act: () => T): () => T {
  try {
    const value = act();
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
