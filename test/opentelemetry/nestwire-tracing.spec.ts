import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import * as api from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { Channels, CurrentSession, Gateway, type GatewaySession, Payload, Subscribe } from 'nestwire';
import { type Client, connect } from 'nestwire/client';
import { type NestwireTracingOptions, nestwireTracing, traceparent } from 'nestwire/opentelemetry';
import { redis } from 'nestwire/redis';
import { firstValueFrom } from 'rxjs';
import { RedisServer } from '../support/redis-server.js';
import { type TestApp, startApp } from '../support/test-app.js';
import { RecordedSpans } from './recorded-spans.js';

const spans = new RecordedSpans();

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
    spans.followContexts();
    server = await RedisServer.start();
  });

  beforeEach(() => spans.reset());

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
    stop = nestwireTracing(api, { tracerProvider: spans.tracerProvider, ...options });
    const nestwire = { broker: redis({ url: server.url }) };
    const node = await startApp({ module: { providers: [NewsGateway] }, nestwire });
    nodes.push(node);
    const client = connect(`ws://${node.address}/news`, { trace: traceparent(api) });
    clients.push(client);
    return client;
  }

  it('leads from a client through its handler and the publication to the delivery on another node', async () => {
    const [one, other] = [await visit(), await visit()];
    const told = firstValueFrom(other.on('message'));
    await Promise.all([one, other].map((client) => client.request('follow')));
    const click = await spans.within(() => one.request('tell', { text: 'hello' }));
    expect(await told).toEqual({ text: 'hello' });

    const handling = await spans.named('process tell');
    const publishing = await spans.named('publish news');
    expect(handling.parentSpanContext?.spanId).toBe(click.spanId);
    expect(publishing.parentSpanContext?.spanId).toBe(handling.spanContext().spanId);
    const isOfBoth = (): boolean => spans.ended.filter(isDelivery).length === 2;
    while (!isOfBoth()) await pause(5);
    for (const delivery of spans.ended.filter(isDelivery)) {
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

    const { status, events } = await spans.named('process fail');
    expect(status.code).toBe(api.SpanStatusCode.ERROR);
    expect(events).toMatchObject([{ name: 'exception', attributes: { 'exception.message': 'on purpose' } }]);
  });

  it('points to the trace of a client that is not to decide, and goes its own way', async () => {
    const client = await visit({ clients: 'link' });
    const click = await spans.within(() => client.request('tell', 1));

    const handling = await spans.named('process tell');
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

      expect((await spans.named('process tell')).parentSpanContext).toBeUndefined();
    },
  );
});
