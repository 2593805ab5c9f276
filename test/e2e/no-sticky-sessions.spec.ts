/** Clients behind a balancer that sends each request to the next of three nodes. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { type Observable, Subject } from 'rxjs';
import { z } from 'zod';
import {
  Channels,
  CurrentSession,
  Gateway,
  type GatewaySession,
  OnConnect,
  Subscribe,
  defineProtocol,
} from 'nestwire';
import { type Client, type TransportKind, connect } from 'nestwire/client';
import { redis } from 'nestwire/redis';
import { RedisServer } from '../support/redis-server.js';
import { RoundRobin } from '../support/round-robin.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { type TestApp, startApp } from '../support/test-app.js';

const Protocol = defineProtocol('counter.v1', {
  client: {
    count: { payload: z.number(), reply: z.number() },
    never: { reply: z.string() },
    numbers: { stream: z.number() },
  },
  server: { told: z.number(), news: z.number() },
});
type Counter = typeof Protocol;

@Gateway({ path: '/counter', protocol: Protocol, concurrency: 4 })
class CounterGateway {
  readonly sessions: GatewaySession<Counter>[] = [];
  readonly counted: number[] = [];
  readonly numbers$ = new Subject<number>();

  constructor(private readonly channels: Channels) {
    channels.channel('news', { event: 'news', history: {} });
  }

  @OnConnect()
  async connect(@CurrentSession() session: GatewaySession<Counter>): Promise<void> {
    this.sessions.push(session);
    await session.join(this.channels.channel('news'));
  }

  @Subscribe(Protocol, 'count')
  count(n: number): number {
    this.counted.push(n);
    return n;
  }

  @Subscribe(Protocol, 'never')
  never(): Promise<string> {
    return new Promise(() => undefined);
  }

  @Subscribe(Protocol, 'numbers')
  numbers(): Observable<number> {
    return this.numbers$;
  }
}

interface Node extends TestApp {
  readonly gateway: CounterGateway;
  /** Its way to Redis. */
  readonly link: TcpProxy;
}

describe.each<TransportKind>(['websocket', 'event-stream', 'long-polling', 'short-polling'])(
  'A client over %s, without sticky sessions',
  (transport) => {
    let server: RedisServer;
    let nodes: Node[] = [];
    let balancer: RoundRobin;
    let client: Client<Counter>;

    beforeAll(async () => {
      server = await RedisServer.start();
    });

    afterAll(() => server.stop());

    beforeEach(async () => {
      for (let i = 0; i < 3; i++) nodes.push(await startNode());
      balancer = await RoundRobin.start(nodes.map(({ address }) => address));
      client = connect(`http://${balancer.address}/counter`, {
        protocol: Protocol,
        resumable: true,
        transports: [transport],
        polling: { intervalMs: 5 },
      });
    });

    afterEach(async () => {
      client.close();
      await balancer.stop();
      await Promise.all(nodes.map(({ close }) => close()));
      await Promise.all(nodes.map(({ link }) => link.stop()));
      nodes = [];
    });

    async function startNode(): Promise<Node> {
      const link = await TcpProxy.start(server.port);
      const broker = redis({ url: `redis://${link.address}` });
      const nestwire = { broker, origin: 'any' as const, limits: { closeWaitMs: 200 } };
      const app = await startApp({ module: { providers: [CounterGateway] }, nestwire });
      return { ...app, link, gateway: app.app.get(CounterGateway) };
    }

    async function until(isSo: () => boolean): Promise<void> {
      while (!isSo()) await pause(5);
    }

    const owner = (): Node => nodes.find(({ gateway }) => gateway.sessions.length > 0)!;

    it('keeps its session, order and count through lost connections', async () => {
      const told: number[] = [];
      client.on('told').subscribe((n) => told.push(n));
      const numbers: number[] = [];
      // ended by the client's own end
      client.stream('numbers').subscribe({ next: (n) => numbers.push(n), error: () => undefined });
      for (let n = 1; n <= 12; n++) {
        if (n % 3 === 0) balancer.cut();
        const answered = client.request('count', n);
        if (n > 1) owner().gateway.sessions[0]!.push('told', n);
        if (n > 1) owner().gateway.numbers$.next(n);
        expect(await answered).toBe(n);
      }

      const { gateway } = owner();
      expect(gateway.counted).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
      expect(nodes.flatMap(({ gateway: { sessions } }) => sessions)).toHaveLength(1);
      await until(() => told.length >= 11 && numbers.length >= 11);
      expect([told, numbers]).toEqual([gateway.counted.slice(1), gateway.counted.slice(1)]);
    });

    it('gets a new session, and goes on in its channels, when its node is killed', async () => {
      const news: number[] = [];
      client.on('news').subscribe((n) => news.push(n));
      await client.request('count', 1);
      const publish = (n: number): Promise<unknown> =>
        nodes.at(-1)!.app.get(Channels).channel('news').publish(n);
      nodes = [...nodes.filter((node) => node !== owner()), owner()].reverse();
      // it has joined when it hears something
      while (news.length === 0) await Promise.all([publish(0), pause(20)]);
      await publish(1);
      const lost = client.request('never').catch((error: unknown) => error);

      // what others see of a process that is killed: its sockets are closed
      const [killed] = nodes;
      balancer.remove(killed!.address);
      await killed!.link.stop();
      killed!.server.closeAllConnections();
      balancer.cut();
      await publish(2);

      expect(await lost).toMatchObject({ code: 'OUTCOME_UNKNOWN' });
      expect(await client.request('count', 2)).toBe(2);
      // joined again when it hears something
      while (!news.includes(3)) await Promise.all([publish(3), pause(20)]);
      expect(news.filter((n) => n === 1 || n === 2)).toEqual([1, 2]);
    });
  },
);
