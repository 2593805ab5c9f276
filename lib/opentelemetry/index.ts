export { type OpenTelemetryApi, traceparent } from './traceparent.js';
export { type NestwireTracingOptions, nestwireTracing } from './nestwire-tracing.js';
