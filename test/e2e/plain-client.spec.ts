/** What docs/protocol.md says is enough to write a client of one's own, in another language for instance. */
import { readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { CurrentSession, Gateway, type GatewaySession, Payload, Subscribe } from 'nestwire';
import { WebSocket } from 'nestwire/websocket';
import { Subject, firstValueFrom, take, toArray } from 'rxjs';
import { FeedGateway } from '../support/feed-gateway.js';
import { type TestApp, startApp } from '../support/test-app.js';
import { PlainClient } from './plain-client.mjs';

@Gateway('/count')
class CountGateway extends FeedGateway {
  readonly ran: number[] = [];

  @Subscribe('add')
  add(@Payload() number: number, @CurrentSession() session: GatewaySession): number {
    this.ran.push(number);
    session.push('added', number);
    return number + 1;
  }
}

class NoWebSocket {
  onclose: ((event: object) => void) | undefined;

  constructor() {
    setImmediate(() => this.onclose?.({ code: 1006 }));
  }
}

describe('A client in plain JavaScript, without our code', () => {
  const builtIn = globalThis.WebSocket as unknown;
  let running: TestApp;
  let client: PlainClient;

  afterEach(async () => {
    await client.close();
    await running.close();
    Object.assign(globalThis, { WebSocket: builtIn });
  });

  it.each([
    ['websocket', WebSocket],
    ['event-stream', NoWebSocket],
  ])('loses and doubles nothing over %s while its connection is cut', async (transport, constructor) => {
    // Node 20 has none
    Object.assign(globalThis, { WebSocket: constructor });
    running = await startApp({ module: { providers: [CountGateway] } });
    client = new PlainClient(`http://${running.address}/count`);
    const pushed: unknown[] = [];
    client.onPush = (_, data) => pushed.push(data);
    const numbers = Array.from({ length: 40 }, (_, i) => i);
    const answers: unknown[] = [];
    for (const number of numbers) {
      const answer = client.request('add', number);
      if (number % 10 === 5) client.drop();
      answers.push(await answer);
    }

    expect(client.transport).toBe(transport);
    expect(answers).toEqual(numbers.map((number) => number + 1));
    expect(running.app.get(CountGateway).ran).toEqual(numbers);
    expect(pushed).toEqual(numbers);
  });

  it.each([
    ['websocket', WebSocket],
    ['event-stream', NoWebSocket],
  ])('misses nothing of its channels when its session is gone, over %s', async (_, constructor) => {
    Object.assign(globalThis, { WebSocket: constructor });
    running = await startApp({ module: { providers: [CountGateway] } });
    const { news, sessions } = running.app.get(CountGateway);
    client = new PlainClient(`http://${running.address}/count`);
    const published = new Subject<unknown>();
    client.onPush = (event, data) => event === 'news' && published.next(data);
    const all = firstValueFrom(published.pipe(take(3), toArray()));
    await client.request('add', 1);
    const first = firstValueFrom(published);
    await news.publish(1);
    await first;
    sessions[0]!.close(1012);
    await news.publish(2);
    while (sessions.length < 2) await turn();
    await news.publish(3);

    expect(await all).toEqual([1, 2, 3]);
    expect(sessions).toHaveLength(2);
  });

  it('has at most 150 lines', async () => {
    running = await startApp({ module: { providers: [CountGateway] } });
    Object.assign(globalThis, { WebSocket });
    client = new PlainClient(`http://${running.address}/count`);
    await client.request('add', 1);
    const lines = readFileSync(new URL('./plain-client.mjs', import.meta.url), 'utf8').split('\n');
    expect(lines.filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(150);
  });
});
