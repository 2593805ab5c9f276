import type * as OpenTelemetry from '@opentelemetry/api';
import { readTraceparent } from '../protocol/envelope/index.js';

/** The module `@opentelemetry/api`: `import * as api from '@opentelemetry/api'`. */
export type OpenTelemetryApi = typeof OpenTelemetry;

/** The only flag there is in version 00. */
const SAMPLED = 1;

/**
 * For the option `trace` of `connect`: what a client sends then belongs to the span that is active at that moment,
 * by its W3C `traceparent`.
 * @param api the module `@opentelemetry/api`
 */
export function traceparent(api: OpenTelemetryApi): () => string | undefined {
  return () => traceparentOf(api, api.context.active());
}

/** Undefined where there is no span. */
export function traceparentOf(api: OpenTelemetryApi, context: OpenTelemetry.Context): string | undefined {
  const span = api.trace.getSpanContext(context);
  if (!span || !api.isSpanContextValid(span)) return undefined;
  return `00-${span.traceId}-${span.spanId}-${span.traceFlags.toString(16).padStart(2, '0')}`;
}

/** Of a peer's span: foreign input, and ignored unless it is well-formed. */
export function readSpanContext(value: unknown): OpenTelemetry.SpanContext | undefined {
  const text = readTraceparent(value);
  if (text === undefined) return undefined;
  const [, traceId, spanId, flags] = text.split('-') as [string, string, string, string];
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & SAMPLED, isRemote: true };
}
