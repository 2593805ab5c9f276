/**
 * The port of tracing. Spans have to be around what they measure, so that what a handler does belongs to its span:
 * a diagnostics channel, which only tells, does not do. `nestwire/opentelemetry` implements it; while nobody
 * does, it costs a look at `current`.
 */

/** A message of a client, before its handler runs. */
export interface TracedMessage {
  readonly event: string;
  readonly sessionId: string;
  readonly transport: string;
  /** As the client sent it: anything. */
  readonly trace: unknown;
}

export interface Tracing {
  /** Runs a handler in a span. Returns and throws what `run` does; the span ends when a promise has settled. */
  handle(message: TracedMessage, run: () => unknown): unknown;
  /**
   * Publishes in a span.
   * @param send gets the `traceparent` that receivers are to go on from; undefined: none
   */
  publish<T>(channel: string, send: (trace: string | undefined) => Promise<T>): Promise<T>;
  /** Delivers a publication to so many sessions of this process, in a span. `trace` is its publisher's. */
  deliver(channel: string, trace: string, sessions: number, run: () => void): void;
}

export const tracing: { current: Tracing | undefined } = { current: undefined };
