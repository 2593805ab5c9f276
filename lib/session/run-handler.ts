import { type TracedMessage, type Tracing, tracing } from '../diagnostics/tracing.js';
import type { ClientMessage } from '../protocol/envelope/index.js';
import type { GatewaySession } from './gateway-session.js';
import type { MessageHandler, SessionHost } from './message-handler.js';
import { isStream, isThenable } from './result.js';
import { tracedStream } from './traced-stream.js';

/** Within a span, if somebody traces. Returns and throws what the handler does. */
export function runHandler(
  session: GatewaySession,
  host: SessionHost,
  handler: MessageHandler,
  message: ClientMessage,
  signal: AbortSignal | undefined,
): unknown {
  const { event, data, trace } = message;
  const { current } = tracing;
  if (current === undefined) return handler.run(session, data, event, signal);
  const { id: sessionId, transport } = session;
  const traced = { event, pattern: host.patternOf?.(event), sessionId, transport, trace };
  return current.handle(traced, () =>
    withTracedStream(handler.run(session, data, event, signal), current, traced),
  );
}

function withTracedStream(result: unknown, current: Tracing, message: TracedMessage): unknown {
  const trace = (value: unknown): unknown =>
    isStream(value) ? tracedStream(value, current.stream(message)) : value;
  return isThenable(result) ? result.then(trace) : trace(result);
}
