import { setTimeout as pause } from 'node:timers/promises';
import * as api from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';

/** What was traced, in memory. */
export class RecordedSpans {
  private readonly exporter = new InMemorySpanExporter();
  readonly tracerProvider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(this.exporter)],
  });

  /** What is awaited within a span belongs to it, from now on. */
  followContexts(): void {
    api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  }

  reset(): void {
    this.exporter.reset();
  }

  /** Those that have ended. */
  get ended(): ReadableSpan[] {
    return this.exporter.getFinishedSpans();
  }

  /** The first that ends under that name. */
  async named(name: string): Promise<ReadableSpan> {
    for (;;) {
      const found = this.ended.find((span) => span.name === name);
      if (found) return found;
      await pause(5);
    }
  }

  /** Does the work within a span of the test's own. */
  async within(work: () => Promise<unknown>): Promise<api.SpanContext> {
    const span = this.tracerProvider.getTracer('test').startSpan('click');
    await api.context.with(api.trace.setSpan(api.context.active(), span), work);
    span.end();
    return span.spanContext();
  }
}
