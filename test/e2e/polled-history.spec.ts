import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Channel, Channels, CurrentSession, Gateway, type GatewaySession, OnConnect } from 'nestwire';
import { HttpGatewayClient, messagesOf } from '../support/http-gateway-client.js';
import { type Platform, type TestApp, startApp } from '../support/test-app.js';

const ISSUES = 20;
/** Each by itself is above the high-water mark; some fit into one answer. */
const ISSUE = 'x'.repeat(100_000);

@Gateway('/archive')
class ArchiveGateway {
  readonly issues: Channel<string>;
  readonly news: Channel<number>;

  constructor(channels: Channels) {
    this.issues = channels.channel('issues', { event: 'issue', history: { bytes: 10_000_000 } });
    this.news = channels.channel('news', { event: 'news' });
  }

  @OnConnect()
  connect(@CurrentSession() session: GatewaySession): void {
    void session.join(this.issues, { from: 'start' });
    void session.join(this.news);
  }
}

describe.each<Platform>(['Express', 'Fastify'])('A client that polls for a long past, on %s', (platform) => {
  let running: TestApp;
  let gateway: ArchiveGateway;
  let client: HttpGatewayClient;

  beforeEach(async () => {
    const nestwire = { limits: { closeWaitMs: 100 } };
    running = await startApp({ platform, module: { providers: [ArchiveGateway] }, nestwire });
    gateway = running.app.get(ArchiveGateway);
    for (let i = 0; i < ISSUES; i++) await gateway.issues.publish(ISSUE);
    client = new HttpGatewayClient(`http://${running.address}/archive`);
    await client.create();
  });

  afterEach(() => running.close());

  /** @returns how many issues each answer had, until all are here, or too many answers had none */
  async function readAll(waitS: number | undefined, between: () => Promise<unknown>): Promise<number[]> {
    const counts: number[] = [];
    let ack: number | undefined;
    for (let all = 0; all < ISSUES && counts.length < 3 * ISSUES; all += counts.at(-1)!) {
      const answer = await client.poll(ack, waitS);
      ack = (answer.body?.['batch'] as number | undefined) ?? ack;
      counts.push(messagesOf(answer).filter(({ event }) => event === 'issue').length);
      await between();
    }
    return counts;
  }

  it.each([
    ['short', undefined],
    ['long', 5],
  ])('gets many publications by one answer to a %s poll', async (_kind, waitS) => {
    const counts = await readAll(waitS, () => Promise.resolve());
    expect(counts.reduce((sum, count) => sum + count)).toBe(ISSUES);
    expect(counts.length).toBeLessThanOrEqual(ISSUES / 2);
  });

  it('gets it although something else is always there to be sent first', async () => {
    const counts = await readAll(undefined, () => gateway.news.publish(0));
    expect(counts.reduce((sum, count) => sum + count)).toBe(ISSUES);
    expect(counts.length).toBeLessThanOrEqual(ISSUES / 2);
  });
});
