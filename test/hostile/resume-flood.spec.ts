/** R10: clients that come back in herds, to sessions that are long gone, cost few reads of a history. */
import { randomBytes, randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Channel, Channels, CurrentSession, Gateway, type GatewaySession, OnConnect } from 'nestwire';
import { type TestClient, connectInProcess } from 'nestwire/testing';
import { type TestApp, startApp } from '../support/test-app.js';
import { UnsteadyBroker } from '../support/unsteady-broker.js';

const FLOOD = Number(process.env['RESUME_FLOOD'] ?? 500);
const KEPT = 20;
/** Of the event loop: enough for all clients to get as far as they do without the history. */
const TURNS = 1_000;

@Gateway('/news')
class NewsGateway {
  readonly news: Channel<number>;

  constructor(channels: Channels) {
    this.news = channels.channel<number>('news', { history: { size: KEPT } });
  }

  @OnConnect()
  connect(@CurrentSession() session: GatewaySession): Promise<unknown> {
    return session.join(this.news);
  }
}

describe('R10: a flood of clients whose sessions have expired', () => {
  let broker: UnsteadyBroker;
  let running: TestApp;
  let clients: TestClient[];

  beforeEach(async () => {
    broker = new UnsteadyBroker();
    clients = [];
    running = await startApp({ module: { providers: [NewsGateway] }, nestwire: { broker } });
  });

  afterEach(async () => {
    for (const client of clients) client.terminate();
    await running.close();
  });

  async function comeBack(ticket: string, cursor: string): Promise<TestClient> {
    const client = await connectInProcess(running.app, `/news?nestwire-session=${ticket}`);
    clients.push(client);
    const resume = { event: 'nestwire:resume', data: { received: 0, cursors: { news: cursor } } };
    client.socket.send(JSON.stringify(resume));
    return client;
  }

  /** @returns the cursor of the last */
  async function published(count: number): Promise<string> {
    const { news } = running.app.get(NewsGateway);
    let cursor = '';
    for (let i = 0; i < count; i++) {
      const { epoch, offset } = (await news.publish(i))!;
      cursor = `1.${epoch}.${offset}`;
    }
    return cursor;
  }

  it(`${FLOOD} sessions that are gone cost no more than a few reads`, async () => {
    const cursor = await published(1);
    await published(KEPT - 1);
    broker.reads = 0;
    const strangers = Array.from(
      { length: FLOOD },
      () => `${randomUUID()}.${randomBytes(18).toString('base64url')}`,
    );
    const all = await flood(strangers, cursor);
    for (const client of all) {
      expect((await client.next('nestwire:session')).data).toMatchObject({ resumed: false });
    }
    expect(broker.reads).toBeLessThanOrEqual(FLOOD / 50);
  });

  it('sessions that are still there get what they missed, all by a few reads', async () => {
    const tickets = await Promise.all(Array.from({ length: FLOOD / 5 }, () => comeAndGo()));
    const cursor = await published(1);
    await published(KEPT - 1);
    broker.reads = 0;
    const all = await flood(tickets, cursor);
    for (const client of all) {
      expect((await client.next('nestwire:session')).data).toMatchObject({ resumed: true });
      for (let i = 0; i < KEPT - 1; i++) expect((await client.next('message')).data).toBe(i);
    }
    expect(broker.reads).toBeLessThanOrEqual(FLOOD / 50);
  });

  /** While they come, a read takes its time, as it does with a broker elsewhere. */
  async function flood(tickets: readonly string[], cursor: string): Promise<TestClient[]> {
    broker.holdReads();
    const coming = Promise.all(tickets.map((ticket) => comeBack(ticket, cursor)));
    while (broker.reads === 0) await turn();
    for (let i = 0; i < TURNS; i++) await turn();
    broker.releaseReads();
    return coming;
  }

  async function comeAndGo(): Promise<string> {
    const client = await connectInProcess(running.app, '/news?nestwire-session=new');
    const { id, secret } = (await client.next('nestwire:session')).data as { id: string; secret: string };
    client.terminate();
    await client.closed;
    return `${id}.${secret}`;
  }
});
