import { tracing } from '../diagnostics/tracing.js';
import type { ClientMessage } from '../protocol/envelope/index.js';
import type { GatewaySession } from './gateway-session.js';
import type { MessageHandler } from './message-handler.js';

/** Within a span, if somebody traces. Returns and throws what the handler does. */
export function runHandler(
  session: GatewaySession,
  handler: MessageHandler,
  message: ClientMessage,
  signal: AbortSignal | undefined,
): unknown {
  const { event, data } = message;
  if (tracing.current === undefined) return handler.run(session, data, event, signal);
  const traced = { event, sessionId: session.id, transport: session.transport, trace: message.trace };
  return tracing.current.handle(traced, () => handler.run(session, data, event, signal));
}
