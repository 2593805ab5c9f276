/**
 * The port of tracing. Spans have to be around what they measure, so that what a handler does belongs to its span:
 * a diagnostics channel, which only tells, does not do. `nestwire/opentelemetry` implements it; while nobody
 * does, it costs a look at `current`.
 */

/** A message of a client, before its handler runs. */
export interface TracedMessage {
  readonly event: string;
  /** The wildcard whose handler it is, `chat.*`; undefined where the handler is for this very event. */
  readonly pattern: string | undefined;
  readonly sessionId: string;
  readonly transport: string;
  /** As the client sent it: anything. */
  readonly trace: unknown;
}

/** A client that connects, or comes back. */
export interface TracedClient {
  /** The path of its gateway, as that declares it. */
  readonly route: string;
  readonly sessionId: string;
  readonly transport: string;
  /** It comes back to a session that it has. */
  readonly returning: boolean;
  /** As the client sent it: anything. */
  readonly trace: unknown;
}

/** A stream that answers a message, from its beginning to its end. */
export interface StreamSpan {
  /** What `work` does belongs to it. */
  run<T>(work: () => T): T;
  /** The first end counts. @param ending `stopped`: nobody wants more of it */
  end(ending: 'completed' | 'stopped', items: number): void;
  fail(error: unknown, items: number): void;
}

export interface Tracing {
  /** Runs a handler in a span. Returns and throws what `run` does; the span ends when a promise has settled. */
  handle(message: TracedMessage, run: () => unknown): unknown;
  /**
   * Called within a handler's span, with a stream that it returned.
   * @returns begins the stream's span, which belongs to that of the handler
   */
  stream(message: TracedMessage): () => StreamSpan;
  /**
   * Lets guards and `@OnConnect` decide in a span. Rejects as `run` does.
   * @param statusOf the HTTP status of a refusal
   */
  connect(
    client: TracedClient,
    run: () => Promise<void>,
    statusOf: (refusal: unknown) => number,
  ): Promise<void>;
  /**
   * Publishes in a span.
   * @param send gets the `traceparent` that receivers are to go on from; undefined: none
   */
  publish<T>(channel: string, send: (trace: string | undefined) => Promise<T>): Promise<T>;
  /** Delivers a publication to so many sessions of this process, in a span. `trace` is its publisher's. */
  deliver(channel: string, trace: string, sessions: number, run: () => void): void;
}

export const tracing: { current: Tracing | undefined } = { current: undefined };
