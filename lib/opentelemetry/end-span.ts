import type { Span } from '@opentelemetry/api';
import type { OpenTelemetryApi } from './traceparent.js';

export function failSpan(api: OpenTelemetryApi, span: Span, error: unknown): void {
  span.recordException(error instanceof Error ? error : String(error));
  span.setStatus({ code: api.SpanStatusCode.ERROR });
  span.end();
}

/** As the conventions for HTTP have it: what the client did wrong is no error of the server's. */
export function refuseSpan(api: OpenTelemetryApi, span: Span, status: number): void {
  span.setAttribute('http.response.status_code', status);
  if (status >= 500) {
    span.setAttribute('error.type', String(status));
    span.setStatus({ code: api.SpanStatusCode.ERROR });
  }
  span.end();
}
