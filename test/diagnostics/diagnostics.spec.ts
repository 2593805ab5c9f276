import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Gateway, type NestwireDiagnostics, Subscribe } from 'nestwire';
import * as diagnostics from '../../lib/diagnostics/index.js';
import { type TestApp, startApp } from '../support/test-app.js';
import { WsClient } from '../support/ws-client.js';

@Gateway('/told')
class ToldGateway {
  @Subscribe('echo')
  echo(): string {
    return 'here';
  }
}

type Name = keyof NestwireDiagnostics;

describe('what the library tells', () => {
  let test: TestApp;
  let told: [name: Name, payload: unknown][];
  let stops: (() => void)[];

  beforeEach(async () => {
    told = [];
    stops = [];
    test = await startApp({ module: { providers: [ToldGateway] } });
  });

  afterEach(async () => {
    for (const stop of stops) stop();
    await test.close();
  });

  function listen(...names: Name[]): void {
    for (const name of names) {
      const listener = (payload: unknown): void => void told.push([name, payload]);
      subscribe(name, listener);
      stops.push(() => void unsubscribe(name, listener));
    }
  }

  async function visit(): Promise<void> {
    const client = await WsClient.connect(`ws://${test.address}/told`);
    await client.request('echo');
    await client.close();
    await test.close(); // the server has seen the end
  }

  it('is the life of a session and of its connection, in order', async () => {
    listen(
      'nestwire:session.opened',
      'nestwire:connection.opened',
      'nestwire:message.received',
      'nestwire:message.handled',
      'nestwire:message.sent',
      'nestwire:connection.closed',
      'nestwire:session.closed',
    );
    await visit();

    const sessionId = (told[0]![1] as { sessionId: string }).sessionId;
    const handler = 'ToldGateway.echo';
    expect(told).toEqual([
      ['nestwire:session.opened', { sessionId, transport: 'websocket', resumable: false }],
      ['nestwire:connection.opened', { sessionId, transport: 'websocket' }],
      ['nestwire:message.received', { sessionId, transport: 'websocket', size: expect.any(Number) }],
      ['nestwire:message.handled', { sessionId, handler, durationMs: expect.any(Number), failed: false }],
      ['nestwire:message.sent', { sessionId, size: expect.any(Number) }],
      ['nestwire:connection.closed', { sessionId, transport: 'websocket' }],
      ['nestwire:session.closed', { sessionId, code: 1000, reason: '', clean: true }],
    ]);
  });

  it('is nothing as long as nobody listens: no payload is made', async () => {
    const published: unknown[] = [];
    const channels = Object.values(diagnostics);
    for (const channel of channels) channel.publish = (payload: unknown) => void published.push(payload);
    await visit();
    for (const channel of channels) Reflect.deleteProperty(channel, 'publish');

    expect(channels).toHaveLength(13);
    expect(published).toEqual([]);
  });
});
