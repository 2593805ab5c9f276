/**
 * The checker, proved: the same small run, with clients that lose their connections and a Redis that loses what it
 * had, over brokers that are broken. It has to be content with the one that is not.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { Channels, CurrentSession, Gateway, type GatewaySession, OnConnect } from 'nestwire';
import { connect } from 'nestwire/client';
import { redis } from 'nestwire/redis';
import { RedisServer } from '../support/redis-server.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { type TestApp, startApp } from '../support/test-app.js';
import { type Defect, broken } from './broken-broker.js';
import { type Acknowledgement, type Verdict, check } from './checker.js';
import { Reader } from './processes/reader.mjs';

@Gateway('/feed/:channel')
class FeedGateway {
  constructor(private readonly channels: Channels) {
    channels.channel('c', { event: 'item', history: { size: 1_000 } });
  }

  @OnConnect()
  connect(@CurrentSession() session: GatewaySession): Promise<unknown> {
    return session.join(this.channels.channel('c'));
  }
}

/** Longer than a busy machine needs to have clients and Redis back. */
const PATIENCE_MS = 15_000;
class Run {
  readonly acknowledged: Acknowledgement[] = [];
  private id = 0;

  constructor(
    private readonly node: TestApp,
    private readonly network: TcpProxy,
    readonly readers: readonly Reader[],
  ) {}

  async publish(): Promise<void> {
    const channel = this.node.app.get(Channels).channel('c');
    for (let i = 0; i < 5; i++) {
      const item = { id: ++this.id, at: 0 };
      const position = await channel.publish(item);
      this.acknowledged.push({ channel: 'c', ...position!, id: item.id });
    }
  }

  async away(work: () => Promise<void>): Promise<void> {
    this.network.cut();
    await work();
    await this.until((reader) => reader.isOpen);
  }

  /** Readers of a broken broker may wait for ever: that is for the checker to tell. */
  async caughtUp(): Promise<void> {
    await this.until((reader) => reader.hasReached(this.acknowledged.at(-1)!));
  }

  private async until(is: (reader: Reader) => boolean): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    while (!this.readers.every(is) && performance.now() < end) await pause(10);
  }

  verdict(): Verdict {
    return check(
      this.acknowledged,
      this.readers.map((reader) => reader.take().log!),
    );
  }
}

describe('The checker', () => {
  let server: RedisServer;
  let node: TestApp;
  let network: TcpProxy;
  let readers: Reader[];

  beforeAll(async () => {
    server = await RedisServer.start();
  });

  afterEach(async () => {
    for (const reader of readers) reader.close();
    await network.stop();
    await node.close();
  });

  afterAll(() => server.stop());

  async function run(defect?: Defect): Promise<Verdict> {
    await server.call('FLUSHALL');
    const nestwire = { broker: broken(redis({ url: server.url }), defect) };
    node = await startApp({ module: { providers: [FeedGateway] }, nestwire });
    network = await TcpProxy.start(Number(new URL(`http://${node.address}`).port));
    const url = `http://${network.address}`;
    readers = (['websocket', 'event-stream', 'long-polling'] as const).map(
      (transport) => new Reader(connect, { url, name: 'r', channel: 'c', transport }),
    );
    const all = new Run(node, network, readers);
    await all.away(async () => undefined);
    await all.publish();
    await all.caughtUp();
    for (const reader of readers) reader.take();
    all.acknowledged.length = 0;

    await all.away(() => all.publish());
    await all.publish();
    await all.caughtUp();
    await server.kill();
    await server.run();
    await all.publish();
    await all.publish();
    await all.caughtUp();
    return all.verdict();
  }

  it('is content with a broker that keeps the promise, and saw gaps and all there was', async () => {
    const { violations, received, covered, gaps } = await run();
    expect(violations).toEqual({ lost: 0, hole: 0, twice: 0, backwards: 0, reused: 0 });
    expect({ heardOf: received + covered, gaps }).toEqual({ heardOf: 3 * 20, gaps: 3 });
  });

  it.each<[Defect, (keyof Verdict['violations'])[]]>([
    ['de-duplication', ['backwards']],
    ['replay', ['lost', 'hole']],
    ['epochs', ['lost', 'reused']],
  ])('finds what broken %s do', async (defect, found) => {
    const { violations } = await run(defect);
    expect(Object.keys(violations).filter((kind) => violations[kind as 'lost'] > 0)).toEqual(found);
  });
});
