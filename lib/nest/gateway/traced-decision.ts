import { tracing } from '../../diagnostics/tracing.js';
import type { GatewaySession } from '../../session/index.js';
import { RefusedError } from './refusal.js';

/** Guards and `@OnConnect`, within a span if somebody traces. @throws RefusedError (rejects) as `decide` does */
export function tracedDecision(
  session: GatewaySession,
  route: string,
  returning: boolean,
  decide: () => Promise<void>,
): Promise<void> {
  if (tracing.current === undefined) return decide();
  const { id: sessionId, transport, headers } = session;
  const client = { route, sessionId, transport, returning, trace: headers.traceparent };
  return tracing.current.connect(client, decide, statusOf);
}

const statusOf = (error: unknown): number => (error instanceof RefusedError ? error.refusal.status : 500);
