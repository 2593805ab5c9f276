import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type CanActivate, type ExecutionContext, ForbiddenException, UseGuards } from '@nestjs/common';
import * as api from '@opentelemetry/api';
import { CurrentSession, Gateway, type GatewaySession, OnConnect, Payload, Subscribe } from 'nestwire';
import { nestwireTracing } from 'nestwire/opentelemetry';
import { NEVER, Observable, concat, of } from 'rxjs';
import { tracing } from '../../lib/diagnostics/tracing.js';
import type { SessionData } from '../../lib/protocol/envelope/index.js';
import { type TestApp, startApp } from '../support/test-app.js';
import { WsClient } from '../support/ws-client.js';
import { RecordedSpans } from './recorded-spans.js';

const spans = new RecordedSpans();
const work = (name: string): void => spans.tracerProvider.getTracer('application').startSpan(name).end();

class NoStrangers implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { query } = context.switchToWs().getClient<GatewaySession>();
    if (query['as'] === 'stranger') throw new ForbiddenException();
    return true;
  }
}

@Gateway('/traced/:room')
@UseGuards(NoStrangers)
class TracedGateway {
  @OnConnect()
  connect(@CurrentSession() session: GatewaySession): void {
    work('look up the room');
    if (session.query['as'] === 'failure') throw new Error('on purpose');
  }

  @Subscribe('items')
  items(@Payload() ending: 'complete' | 'fail' | 'go on'): Observable<number> {
    return new Observable<number>((subscriber) => {
      work('query');
      for (const item of [1, 2]) subscriber.next(item);
      if (ending === 'complete') subscriber.complete();
      if (ending === 'fail') subscriber.error(new Error('half way'));
    });
  }

  @Subscribe('iterated')
  async *iterated(@Payload() ending: 'complete' | 'fail' | 'go on'): AsyncGenerator<number> {
    work('query');
    yield* [1, 2];
    if (ending === 'fail') throw new Error('half way');
    if (ending === 'go on') await new Promise((resolve) => (letGo = resolve));
  }

  @Subscribe('late')
  async late(): Promise<Observable<number>> {
    return concat(of(1, 2), NEVER);
  }

  @Subscribe('chat.*')
  chat(): string {
    return 'here';
  }
}

let letGo: (value: unknown) => void = () => undefined;

describe('the spans of a gateway', () => {
  let test: TestApp;
  let stop: () => void;
  const clients: WsClient[] = [];

  beforeAll(async () => {
    spans.followContexts();
    test = await startApp({ module: { providers: [TracedGateway] } });
  });

  beforeEach(() => {
    spans.reset();
    stop = nestwireTracing(api, {
      tracerProvider: spans.tracerProvider,
      channelTemplate: (channel) => channel.replace(/:.*/, ':*'),
    });
  });

  afterEach(() => {
    letGo(undefined);
    for (const client of clients.splice(0)) client.terminate();
    stop();
  });

  afterAll(async () => {
    await test.close();
    api.context.disable();
  });

  const url = (query = ''): string => `ws://${test.address}/traced/blue${query}`;

  async function visit(query?: string, headers?: Record<string, string>): Promise<WsClient> {
    const client = await WsClient.connect(url(query), [], headers);
    clients.push(client);
    return client;
  }

  describe('when a client connects', () => {
    it('go from the trace that it names to what @OnConnect does, by the path as it is declared', async () => {
      await visit('', { traceparent: '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01' });
      const connecting = await spans.named('connect /traced/:room');
      const [inside] = spans.ended.filter(({ name }) => name === 'look up the room');

      expect(connecting.kind).toBe(api.SpanKind.SERVER);
      expect(connecting.parentSpanContext?.spanId).toBe('0123456789abcdef');
      expect(connecting.attributes).toEqual({
        'http.route': '/traced/:room',
        'nestwire.returning': false,
        'nestwire.session.id': expect.any(String),
        'nestwire.transport': 'websocket',
      });
      expect(inside?.parentSpanContext?.spanId).toBe(connecting.spanContext().spanId);
    });

    it.each([
      ['stranger', 403, api.SpanStatusCode.UNSET],
      ['failure', 500, api.SpanStatusCode.ERROR],
    ])('say how a %s was refused', async (who, status, code) => {
      await expect(visit(`?as=${who}`)).rejects.toMatchObject({ status });
      const connecting = await spans.named('connect /traced/:room');

      expect(connecting.attributes['http.response.status_code']).toBe(status);
      expect(connecting.status.code).toBe(code);
    });

    it('say that it comes back to its session', async () => {
      const first = (await (await visit('?nestwire-session=new')).next()) as { data: SessionData };
      const { id, secret } = first.data;
      const again = (await (await visit(`?nestwire-session=${id}.${secret}`)).next()) as {
        data: SessionData;
      };
      const returning = (): boolean[] =>
        spans.ended
          .filter(({ name }) => name.startsWith('connect'))
          .map(({ attributes }) => attributes['nestwire.returning'] === true);

      expect(again.data).toMatchObject({ id, resumed: true });
      expect(returning()).toEqual([false, true]);
    });

    it('belong to the span of its request, where there is one', async () => {
      const client = { route: '/traced', sessionId: '1', transport: 'long-polling', returning: false };
      const request = await spans.within(() =>
        tracing.current!.connect(
          { ...client, trace: undefined },
          async () => undefined,
          () => 500,
        ),
      );
      const { kind, parentSpanContext } = await spans.named('connect /traced');

      expect(parentSpanContext?.spanId).toBe(request.spanId);
      expect(kind).toBe(api.SpanKind.INTERNAL);
    });
  });

  describe.each(['items', 'iterated'])('of a stream (%s)', (event) => {
    it.each([
      ['complete', 'completed', api.SpanStatusCode.UNSET],
      ['fail', 'failed', api.SpanStatusCode.ERROR],
      ['go on', 'stopped', api.SpanStatusCode.UNSET],
    ])('last until its end: %s', async (data, ending, code) => {
      const client = await visit();
      client.send({ event, id: 1, data });
      await client.take(2);
      const handling = await spans.named(`process ${event}`);
      if (data === 'go on') client.send({ event: 'nestwire:cancel', id: 1 });
      const stream = await spans.named(`stream ${event}`);

      expect(stream.parentSpanContext?.spanId).toBe(handling.spanContext().spanId);
      expect(stream.attributes).toMatchObject({
        'messaging.destination.name': event,
        'nestwire.stream.ending': ending,
        'nestwire.stream.items': 2,
      });
      expect(stream.status.code).toBe(code);
      const query = await spans.named('query');
      expect(query.parentSpanContext?.spanId).toBe(stream.spanContext().spanId);
    });
  });

  it('of a stream begin with it when its handler takes a while, and end with its client', async () => {
    const client = await visit();
    client.send({ event: 'late', id: 1 });
    await client.take(2);
    client.terminate();
    const [stream, handling] = [await spans.named('stream late'), await spans.named('process late')];

    expect(stream.attributes['nestwire.stream.ending']).toBe('stopped');
    expect(stream.parentSpanContext?.spanId).toBe(handling.spanContext().spanId);
  });

  it('are named by the wildcard of a handler, not by what clients choose', async () => {
    const client = await visit();
    await client.request('chat.a-name-of-the-clients');
    const { attributes } = await spans.named('process chat.*');

    expect(attributes).toMatchObject({
      'messaging.destination.name': 'chat.a-name-of-the-clients',
      'messaging.destination.template': 'chat.*',
    });
  });

  it('are named by a template of the channel, where the application has one', async () => {
    await tracing.current!.publish('room:17', async () => undefined);
    tracing.current!.deliver('room:17', '', 1, () => undefined);

    for (const name of ['publish room:*', 'deliver room:*'])
      expect((await spans.named(name)).attributes['messaging.destination.name']).toBe('room:17');
  });
});
