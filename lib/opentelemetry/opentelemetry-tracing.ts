/** Spans around the handling of messages, and from a publication to its deliveries on all nodes. */
import type { Attributes, Context, Link, Span, SpanOptions, Tracer } from '@opentelemetry/api';
import type { TracedMessage, Tracing } from '../diagnostics/tracing.js';
import { type OpenTelemetryApi, readSpanContext, traceparentOf } from './traceparent.js';

export type ClientTraces = 'parent' | 'link' | 'ignore';

/** The names are those of OpenTelemetry's conventions for messaging. */
const attributesOf = (
  operation: 'process' | 'send',
  destination: string,
  others?: Attributes,
): Attributes => ({
  'messaging.system': 'nestwire',
  'messaging.operation.type': operation,
  'messaging.destination.name': destination,
  ...others,
});

export class OpenTelemetryTracing implements Tracing {
  constructor(
    private readonly api: OpenTelemetryApi,
    private readonly tracer: Tracer,
    private readonly clients: ClientTraces,
  ) {}

  handle({ event, sessionId, transport, trace }: TracedMessage, run: () => unknown): unknown {
    const { parent, links } = this.originOf(trace);
    const others = { 'nestwire.session.id': sessionId, 'nestwire.transport': transport };
    const attributes = attributesOf('process', event, others);
    const options = { kind: this.api.SpanKind.SERVER, attributes, links };
    return this.within(`process ${event}`, options, parent, run);
  }

  /** Whatever was active when its bytes arrived has nothing to do with a message. */
  private originOf(trace: unknown): { parent: Context; links: Link[] } {
    const { ROOT_CONTEXT } = this.api;
    const client = this.clients === 'ignore' ? undefined : readSpanContext(trace);
    if (!client) return { parent: ROOT_CONTEXT, links: [] };
    if (this.clients === 'link') return { parent: ROOT_CONTEXT, links: [{ context: client }] };
    return { parent: this.api.trace.setSpanContext(ROOT_CONTEXT, client), links: [] };
  }

  publish<T>(channel: string, send: (trace: string | undefined) => Promise<T>): Promise<T> {
    const { api } = this;
    const options = { kind: api.SpanKind.PRODUCER, attributes: attributesOf('send', channel) };
    return this.within(`publish ${channel}`, options, api.context.active(), () =>
      send(traceparentOf(api, api.context.active())),
    );
  }

  deliver(channel: string, trace: string, sessions: number, run: () => void): void {
    const { ROOT_CONTEXT, SpanKind, trace: traces } = this.api;
    const publisher = readSpanContext(trace);
    const parent = publisher ? traces.setSpanContext(ROOT_CONTEXT, publisher) : ROOT_CONTEXT;
    const attributes = attributesOf('process', channel, { 'nestwire.sessions': sessions });
    this.within(`deliver ${channel}`, { kind: SpanKind.CONSUMER, attributes }, parent, run);
  }

  /** The span ends when what `run` returned has settled. */
  private within<T>(name: string, options: SpanOptions, parent: Context, run: () => T): T {
    const { context, trace } = this.api;
    const span = this.tracer.startSpan(name, options, parent);
    try {
      const result = context.with(trace.setSpan(parent, span), run);
      if (isThenable(result))
        result.then(
          () => span.end(),
          (error: unknown) => this.fail(span, error),
        );
      else span.end();
      return result;
    } catch (error) {
      this.fail(span, error);
      throw error;
    }
  }

  private fail(span: Span, error: unknown): void {
    span.recordException(error instanceof Error ? error : String(error));
    span.setStatus({ code: this.api.SpanStatusCode.ERROR });
    span.end();
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function';
