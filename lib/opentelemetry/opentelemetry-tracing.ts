/**
 * Spans around clients that connect, around the handling of messages and the streams that answer them, and from a
 * publication to its deliveries on all nodes. Items of a stream have none: there is no bound to their number.
 */
import type { Context, Link, Span, SpanKind, SpanOptions, Tracer } from '@opentelemetry/api';
import type { StreamSpan, TracedClient, TracedMessage, Tracing } from '../diagnostics/tracing.js';
import { type Destination, messagingAttributes, sessionAttributes, spanName } from './attributes.js';
import { failSpan, refuseSpan } from './end-span.js';
import { OpenStreamSpan } from './open-stream-span.js';
import { type OpenTelemetryApi, readSpanContext, traceparentOf } from './traceparent.js';

export type ClientTraces = 'parent' | 'link' | 'ignore';

export interface TracingSettings {
  readonly clients: ClientTraces;
  readonly channelTemplate: ((channel: string) => string) | undefined;
}

export class OpenTelemetryTracing implements Tracing {
  constructor(
    private readonly api: OpenTelemetryApi,
    private readonly tracer: Tracer,
    private readonly settings: TracingSettings,
  ) {}

  handle(message: TracedMessage, run: () => unknown): unknown {
    const destination = { name: message.event, template: message.pattern };
    const { parent, links } = this.originOf(message.trace);
    const others = sessionAttributes(message.sessionId, message.transport);
    const attributes = messagingAttributes('process', 'process', destination, others);
    const options = { kind: this.api.SpanKind.SERVER, attributes, links };
    return this.within(spanName('process', destination), options, parent, run);
  }

  stream({ event, pattern, sessionId, transport }: TracedMessage): () => StreamSpan {
    const { api } = this;
    const destination = { name: event, template: pattern };
    const parent = api.context.active();
    return () => {
      const others = sessionAttributes(sessionId, transport);
      const attributes = messagingAttributes('stream', 'send', destination, others);
      const span = this.tracer.startSpan(spanName('stream', destination), { attributes }, parent);
      return new OpenStreamSpan(api, span, parent);
    };
  }

  connect(
    client: TracedClient,
    run: () => Promise<void>,
    statusOf: (refusal: unknown) => number,
  ): Promise<void> {
    const { route, sessionId, transport, returning, trace } = client;
    const attributes = {
      'http.route': route,
      'nestwire.returning': returning,
      ...sessionAttributes(sessionId, transport),
    };
    const { kind, parent, links } = this.originOfRequest(trace);
    return this.within(`connect ${route}`, { kind, attributes, links }, parent, run, (span, error) =>
      refuseSpan(this.api, span, statusOf(error)),
    );
  }

  /** Within the span of a request, where somebody makes such. */
  private originOfRequest(trace: unknown): { parent: Context; links: Link[]; kind: SpanKind } {
    const { SpanKind, context, trace: traces } = this.api;
    const active = context.active();
    if (traces.getSpan(active)) return { parent: active, links: [], kind: SpanKind.INTERNAL };
    return { ...this.originOf(trace), kind: SpanKind.SERVER };
  }

  /** Whatever was active when its bytes arrived has nothing to do with a message. */
  private originOf(trace: unknown): { parent: Context; links: Link[] } {
    const { ROOT_CONTEXT } = this.api;
    const { clients } = this.settings;
    const client = clients === 'ignore' ? undefined : readSpanContext(trace);
    if (!client) return { parent: ROOT_CONTEXT, links: [] };
    if (clients === 'link') return { parent: ROOT_CONTEXT, links: [{ context: client }] };
    return { parent: this.api.trace.setSpanContext(ROOT_CONTEXT, client), links: [] };
  }

  publish<T>(channel: string, send: (trace: string | undefined) => Promise<T>): Promise<T> {
    const { api } = this;
    const destination = this.destinationOf(channel);
    const attributes = messagingAttributes('publish', 'send', destination);
    const options = { kind: api.SpanKind.PRODUCER, attributes };
    return this.within(spanName('publish', destination), options, api.context.active(), () =>
      send(traceparentOf(api, api.context.active())),
    );
  }

  deliver(channel: string, trace: string, sessions: number, run: () => void): void {
    const { ROOT_CONTEXT, SpanKind, trace: traces } = this.api;
    const destination = this.destinationOf(channel);
    const publisher = readSpanContext(trace);
    const parent = publisher ? traces.setSpanContext(ROOT_CONTEXT, publisher) : ROOT_CONTEXT;
    const others = { 'nestwire.sessions': sessions };
    const attributes = messagingAttributes('deliver', 'process', destination, others);
    this.within(spanName('deliver', destination), { kind: SpanKind.CONSUMER, attributes }, parent, run);
  }

  private destinationOf(channel: string): Destination {
    return { name: channel, template: this.settings.channelTemplate?.(channel) };
  }

  /**
   * The span ends when what `run` returned has settled.
   * @param fail ends the span of what failed
   */
  private within<T>(
    name: string,
    options: SpanOptions,
    parent: Context,
    run: () => T,
    fail = (span: Span, error: unknown): void => failSpan(this.api, span, error),
  ): T {
    const { context, trace } = this.api;
    const span = this.tracer.startSpan(name, options, parent);
    try {
      const result = context.with(trace.setSpan(parent, span), run);
      if (isThenable(result))
        result.then(
          () => span.end(),
          (error: unknown) => fail(span, error),
        );
      else span.end();
      return result;
    } catch (error) {
      fail(span, error);
      throw error;
    }
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function';
