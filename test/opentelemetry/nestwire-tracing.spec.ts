import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import * as api from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { Channels, CurrentSession, Gateway, type GatewaySession, Payload, Subscribe } from 'nestwire';
import { type Client, connect } from 'nestwire/client';
import { type NestwireTracingOptions, nestwireTracing, traceparent } from 'nestwire/opentelemetry';
import { redis } from 'nestwire/redis';
import { firstValueFrom } from 'rxjs';
import { RedisServer } from '../support/redis-server.js';
import { type TestApp, startApp } from '../support/test-app.js';

const exporter = new InMemorySpanExporter();
const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });

@Gateway('/news')
class NewsGateway {
  constructor(private readonly channels: Channels) {
    channels.channel('news', { history: {} });
  }

  @Subscribe('follow')
  follow(@CurrentSession() session: GatewaySession): Promise<void> {
    return session.join('news');
  }

  @Subscribe('tell')
  async tell(@Payload() news: unknown): Promise<void> {
    await this.channels.channel('news').publish(news);
  }

  @Subscribe('fail')
  fail(): never {
    throw new Error('on purpose');
  }
}

describe('tracing with OpenTelemetry', () => {
  let server: RedisServer;
  let stop: () => void;
  const nodes: TestApp[] = [];
  const clients: Client[] = [];

  beforeAll(async () => {
    api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    server = await RedisServer.start();
  });

  beforeEach(() => exporter.reset());

  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await Promise.all(nodes.splice(0).map(({ close }) => close()));
    stop();
  });

  afterAll(async () => {
    api.context.disable();
    await server.stop();
  });

  async function visit(options: NestwireTracingOptions = {}): Promise<Client> {
    stop = nestwireTracing(api, { tracerProvider, ...options });
    const nestwire = { broker: redis({ url: server.url }) };
    const node = await startApp({ module: { providers: [NewsGateway] }, nestwire });
    nodes.push(node);
    const client = connect(`ws://${node.address}/news`, { trace: traceparent(api) });
    clients.push(client);
    return client;
  }

  const spanOf = async (name: string): Promise<ReadableSpan> => {
    for (;;) {
      const found = exporter.getFinishedSpans().find((span) => span.name === name);
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };

  async function inSpan(work: () => Promise<unknown>): Promise<api.SpanContext> {
    const span = tracerProvider.getTracer('test').startSpan('click');
    await api.context.with(api.trace.setSpan(api.context.active(), span), work);
    span.end();
    return span.spanContext();
  }

  it('leads from a client through its handler and the publication to the delivery on another node', async () => {
    const [one, other] = [await visit(), await visit()];
    const told = firstValueFrom(other.on('message'));
    await Promise.all([one, other].map((client) => client.request('follow')));
    const click = await inSpan(() => one.request('tell', { text: 'hello' }));
    expect(await told).toEqual({ text: 'hello' });

    const handling = await spanOf('process tell');
    const publishing = await spanOf('publish news');
    expect(handling.parentSpanContext?.spanId).toBe(click.spanId);
    expect(publishing.parentSpanContext?.spanId).toBe(handling.spanContext().spanId);
    const isOfBoth = (): boolean => exporter.getFinishedSpans().filter(isDelivery).length === 2;
    while (!isOfBoth()) await new Promise((resolve) => setTimeout(resolve, 5));
    for (const delivery of exporter.getFinishedSpans().filter(isDelivery)) {
      expect(delivery.spanContext().traceId).toBe(click.traceId);
      expect(delivery.parentSpanContext).toMatchObject({
        spanId: publishing.spanContext().spanId,
        isRemote: true,
      });
      expect(delivery.attributes).toMatchObject({
        'messaging.destination.name': 'news',
        'nestwire.sessions': 1,
      });
    }
  });

  const isDelivery = ({ name }: ReadableSpan): boolean => name === 'deliver news';

  it('says that a handler failed', async () => {
    const client = await visit();
    await expect(client.request('fail')).rejects.toThrow();

    const { status, events } = await spanOf('process fail');
    expect(status.code).toBe(api.SpanStatusCode.ERROR);
    expect(events).toMatchObject([{ name: 'exception', attributes: { 'exception.message': 'on purpose' } }]);
  });

  it('points to the trace of a client that is not to decide, and goes its own way', async () => {
    const client = await visit({ clients: 'link' });
    const click = await inSpan(() => client.request('tell', 1));

    const handling = await spanOf('process tell');
    expect(handling.parentSpanContext).toBeUndefined();
    expect(handling.links).toMatchObject([{ context: { spanId: click.spanId, traceId: click.traceId } }]);
  });

  it.each(['00-x', `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`, 7, { a: 1 }])(
    'takes no notice of a trace that is none: %p',
    async (trace) => {
      await visit();
      const client = connect(`ws://${nodes[0]!.address}/news`, { trace: () => trace as string });
      clients.push(client);
      await client.request('tell', 1);

      expect((await spanOf('process tell')).parentSpanContext).toBeUndefined();
    },
  );
});
