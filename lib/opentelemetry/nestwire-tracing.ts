import type { TracerProvider } from '@opentelemetry/api';
import { tracing } from '../diagnostics/tracing.js';
import { type ClientTraces, OpenTelemetryTracing } from './opentelemetry-tracing.js';
import type { OpenTelemetryApi } from './traceparent.js';

export interface NestwireTracingOptions {
  /** Default the global one. */
  readonly tracerProvider?: TracerProvider;
  /**
   * What the trace that a client names is to the span of its message. `parent` (default): the span belongs to it,
   * and to its decision whether the trace is sampled; `link`: the span begins a trace of its own and points to the
   * client's, for clients that are not to decide what is recorded; `ignore`.
   */
  readonly clients?: ClientTraces;
  /**
   * What spans of a channel's publications are named by, for applications with a channel for each room or user:
   * `(channel) => channel.replace(/:.*$/, ':*')`. The channel itself stays among the attributes. Default its name.
   */
  readonly channelTemplate?: (channel: string) => string;
}

/**
 * Has spans made for the clients, messages, streams and publications of this process; call it once, before the application listens.
 * @param api the module `@opentelemetry/api`
 * @returns stops it
 */
export function nestwireTracing(
  api: OpenTelemetryApi,
  { tracerProvider, clients = 'parent', channelTemplate }: NestwireTracingOptions = {},
): () => void {
  const tracer = (tracerProvider ?? api.trace).getTracer('nestwire');
  const ours = new OpenTelemetryTracing(api, tracer, { clients, channelTemplate });
  tracing.current = ours;
  return () => {
    if (tracing.current === ours) tracing.current = undefined;
  };
}
