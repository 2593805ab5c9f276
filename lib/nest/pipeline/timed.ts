import { messageHandled } from '../../diagnostics/index.js';
import { type GatewaySession, type MessageHandler, isThenable } from '../../session/index.js';

type Run = MessageHandler['run'];

/** Tells how long a handler took, when somebody wants to know. */
export function timed(handler: string, run: Run): Run {
  return (session, data, event, signal) =>
    messageHandled.hasSubscribers
      ? observe(handler, session, () => run(session, data, event, signal))
      : run(session, data, event, signal);
}

function observe(handler: string, { id: sessionId }: GatewaySession, run: () => unknown): unknown {
  const begun = performance.now();
  const tell = (failed: boolean): void =>
    messageHandled.publish({ sessionId, handler, durationMs: performance.now() - begun, failed });
  let result: unknown;
  try {
    result = run();
  } catch (error) {
    tell(true);
    throw error;
  }
  if (isThenable(result))
    result.then(
      () => tell(false),
      () => tell(true),
    );
  else tell(false);
  return result;
}
