import type { Context, Span } from '@opentelemetry/api';
import type { StreamSpan } from '../diagnostics/tracing.js';
import { failSpan } from './end-span.js';
import type { OpenTelemetryApi } from './traceparent.js';

export class OpenStreamSpan implements StreamSpan {
  private readonly context: Context;

  constructor(
    private readonly api: OpenTelemetryApi,
    private readonly span: Span,
    parent: Context,
  ) {
    this.context = api.trace.setSpan(parent, span);
  }

  run<T>(work: () => T): T {
    return this.api.context.with(this.context, work);
  }

  end(ending: 'completed' | 'stopped', items: number): void {
    if (!this.span.isRecording()) return;
    this.tell(ending, items);
    this.span.end();
  }

  fail(error: unknown, items: number): void {
    if (!this.span.isRecording()) return;
    this.tell('failed', items);
    failSpan(this.api, this.span, error);
  }

  private tell(ending: string, items: number): void {
    this.span.setAttributes({ 'nestwire.stream.ending': ending, 'nestwire.stream.items': items });
  }
}
