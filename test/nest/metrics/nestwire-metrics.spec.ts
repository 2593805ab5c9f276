import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Gateway, Subscribe, nestwireMetrics } from 'nestwire';
import * as client from 'prom-client';
import { type TestApp, startApp } from '../../support/test-app.js';
import { WsClient } from '../../support/ws-client.js';

@Gateway('/measured')
class MeasuredGateway {
  @Subscribe('fail')
  fail(): Promise<never> {
    return Promise.reject(new Error('on purpose'));
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

  it('stop when told so', async () => {
    stop();
    const peer = await WsClient.connect(`ws://${test.address}/measured`);
    await peer.close();

    expect(await registry.metrics()).not.toContain('nestwire_connections{');
  });
});
