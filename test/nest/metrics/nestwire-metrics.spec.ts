import { channel as channelOf } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Channels,
  CurrentSession,
  Gateway,
  type GatewaySession,
  Payload,
  Subscribe,
  nestwireMetrics,
} from 'nestwire';
import * as client from 'prom-client';
import { MemoryBroker } from '../../../lib/broker/memory/index.js';
import { type TestApp, startApp } from '../../support/test-app.js';
import { WsClient } from '../../support/ws-client.js';

@Gateway('/measured')
class MeasuredGateway {
  @Subscribe('fail')
  fail(): Promise<never> {
    return Promise.reject(new Error('on purpose'));
  }

  @Subscribe('join')
  async join(@CurrentSession() session: GatewaySession, @Payload() channel: string): Promise<void> {
    await session.join(channel, {});
  }
}

class BrokenBroker extends MemoryBroker {
  isBroken = false;

  override publish(...args: Parameters<MemoryBroker['publish']>): ReturnType<MemoryBroker['publish']> {
    return this.isBroken ? Promise.reject(new Error('broken')) : super.publish(...args);
  }
}

describe('metrics for Prometheus', () => {
  let test: TestApp;
  let registry: client.Registry;
  let stop: () => void;

  beforeEach(async () => {
    registry = new client.Registry();
    stop = nestwireMetrics(client, registry);
    test = await startApp({ module: { providers: [MeasuredGateway] }, nestwire: { origin: 'same' } });
  });

  afterEach(async () => {
    stop();
    await test.close();
  });

  it('count connections, sessions, messages, handlers and refusals', async () => {
    const peer = await WsClient.connect(`ws://${test.address}/measured`);
    await peer.request('fail');
    const origin = { Origin: 'https://elsewhere.example' };
    await WsClient.connect(`ws://${test.address}/measured`, [], origin).catch(() => undefined);
    const text = await registry.metrics();
    await peer.close();
    await test.close();

    expect(text).toContain('nestwire_connections{transport="websocket"} 1');
    expect(text).toContain('nestwire_sessions 1');
    expect(text).toContain('nestwire_messages_received_total{transport="websocket"} 1');
    expect(text).toContain('nestwire_messages_sent_total 1');
    expect(text).toContain(
      'nestwire_handler_seconds_count{handler="MeasuredGateway.fail",outcome="failed"} 1',
    );
    expect(text).toContain('nestwire_refusals_total{status="403",transport="websocket"} 1');
    expect(await registry.metrics()).toContain('nestwire_connections{transport="websocket"} 0');
  });

  it('count publications, deliveries and limits, and know how the broker is', async () => {
    await test.close();
    const broker = new BrokenBroker();
    const nestwire = { broker, limits: { channels: 1 } };
    test = await startApp({ module: { providers: [MeasuredGateway] }, nestwire });
    const peer = await WsClient.connect(`ws://${test.address}/measured`);
    await peer.request('join', 'one');
    expect(await peer.request('join', 'two')).toMatchObject({ event: 'exception' });
    const channel = test.app.get(Channels).channel('one');
    await channel.publish('news');
    broker.isBroken = true;
    await expect(channel.publish('news')).rejects.toThrow('broken');
    channelOf('nestwire:broker').publish({ state: 'lost', role: 'commands' });
    const text = await registry.metrics();
    await peer.close();

    expect(text).toContain('nestwire_publications_total{outcome="acknowledged"} 1');
    expect(text).toContain('nestwire_publications_total{outcome="failed"} 1');
    expect(text).toContain('nestwire_deliveries_total 1');
    expect(text).toContain('nestwire_limits_hit_total{limit="channels"} 1');
    expect(text).toContain('nestwire_broker_up{role="commands"} 0');
  });

  it('stop when told so', async () => {
    stop();
    const peer = await WsClient.connect(`ws://${test.address}/measured`);
    await peer.close();

    expect(await registry.metrics()).not.toContain('nestwire_connections{');
  });
});
