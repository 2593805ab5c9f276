/** What the network does must not lose, double or disorder a message of a resumable session. */
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Observable, firstValueFrom, filter } from 'rxjs';
import {
  type Channel,
  Channels,
  CurrentSession,
  Gateway,
  GatewaySession,
  OnConnect,
  Subscribe,
  defineProtocol,
} from 'nestwire';
import { type Client, type ConnectOptions, type TransportKind, connect } from 'nestwire/client';
import { z } from 'zod';
import { randomFrom, seed } from '../support/seed.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { type TestApp, startApp } from '../support/test-app.js';

/** What the client is told to expect; the gateway is of the plain style. */
const protocol = defineProtocol('count', {
  client: { add: { payload: z.number(), reply: z.number() }, stream: { stream: z.number() } },
  server: { pushed: z.number(), published: z.number() },
});
type CountProtocol = typeof protocol;

const COUNT = 2_000;
const numbers = Array.from({ length: COUNT }, (_, i) => i + 1);

/** So much that a machine that is slow today makes no gap; and no long wait for clients that are gone. */
const LIMITS = { ringMessages: 10_000, ringBytes: 2 ** 20, closeWaitMs: 100 };

@Gateway({ path: '/count', protocol })
class CountGateway {
  readonly added: number[] = [];
  session: GatewaySession | undefined;
  connects = 0;
  private readonly channel: Channel<number>;

  constructor(channels: Channels) {
    this.channel = channels.channel('count', { event: 'published', history: { size: COUNT } });
  }

  @OnConnect()
  connect(@CurrentSession() session: GatewaySession): void {
    this.connects++;
    this.session = session;
    void session.join('count');
  }

  @Subscribe('add')
  add(_: GatewaySession, number: number): number {
    this.added.push(number);
    return number;
  }

  /** In small groups, with turns of the event loop between: some while there is a connection, some while not. */
  @Subscribe('stream')
  stream(): Observable<number> {
    return new Observable(
      (subscriber) => void this.count((number) => subscriber.next(number)).then(() => subscriber.complete()),
    );
  }

  push(): Promise<void> {
    return this.count((number) => this.session!.push('pushed', number));
  }

  publish(): Promise<void> {
    return this.count((number) => void this.channel.publish(number));
  }

  private async count(each: (number: number) => void): Promise<void> {
    for (const number of numbers) {
      each(number);
      if (number % 20 === 0) await wait(5);
    }
  }
}

describe(`A session whose connections are cut again and again, TEST_SEED=${seed}`, () => {
  let app: TestApp;
  let gateway: CountGateway;
  let proxy: TcpProxy;
  let client: Client<CountProtocol> | undefined;

  beforeEach(async () => {
    app = await startApp({
      module: { providers: [CountGateway] },
      nestwire: { limits: LIMITS },
    });
    gateway = app.app.get(CountGateway);
    proxy = await TcpProxy.start(Number(app.address.split(':')[1]));
  });

  afterEach(async () => {
    client?.close();
    await proxy.stop();
    await app.close();
  });

  const open = (options: ConnectOptions<CountProtocol> = {}): Client<CountProtocol> => {
    client = connect<CountProtocol>(`http://${proxy.address}/count`, {
      protocol,
      backOff: { minMs: 5, maxMs: 20 },
      polling: { intervalMs: 5 },
      ...options,
    });
    return client;
  };

  async function opened(
    of: Client<CountProtocol>,
    by: (kind: TransportKind) => boolean = () => true,
  ): Promise<Client<CountProtocol>> {
    await firstValueFrom(
      of.status$.pipe(filter((status) => status.state === 'open' && by(status.transport))),
    );
    return of;
  }

  /** Everything that comes by each way, until all of it came. */
  async function gather(of: Client<CountProtocol>): Promise<Record<string, unknown[]>> {
    const got: Record<string, unknown[]> = {
      pushed: [],
      published: [],
      streamed: [],
      asked: [],
      replied: [],
    };
    of.on('pushed').subscribe((number) => got['pushed']!.push(number));
    of.on('published').subscribe((number) => got['published']!.push(number));
    const streamed = new Promise<void>((resolve, reject) =>
      of
        .stream('stream')
        .subscribe({ next: (number) => got['streamed']!.push(number), complete: resolve, error: reject }),
    );
    const replied = Promise.all(
      numbers.slice(0, 200).map(async (number) => {
        await wait(number);
        got['asked']!.push(number);
        return of.request('add', number);
      }),
    ).then((replies) => (got['replied'] = replies));
    await Promise.all([gateway.push(), gateway.publish(), streamed, replied]);
    while (got['pushed']!.length < COUNT || got['published']!.length < COUNT) await wait(5);
    return got;
  }

  /** @param before what is done before each cut, and may take its time */
  async function cutAtRandom(
    done: Promise<unknown>,
    before: () => unknown = () => undefined,
  ): Promise<number> {
    const random = randomFrom(seed);
    let isDone = false;
    void done.finally(() => (isDone = true));
    for (let cuts = 0; ; cuts++) {
      await wait(30 + random() * 120);
      if (!isDone) await before();
      if (isDone) return cuts;
      proxy.cut();
    }
  }

  function expectAll(got: Record<string, unknown[]>): void {
    expect(got['pushed']).toEqual(numbers);
    expect(got['published']).toEqual(numbers);
    expect(got['streamed']).toEqual(numbers);
    expect(got['replied']).toEqual(numbers.slice(0, 200));
    expect(gateway.added).toEqual(got['asked']);
    expect(gateway.connects).toBe(1);
  }

  it.each<TransportKind>(['websocket', 'event-stream', 'long-polling', 'short-polling'])(
    'loses, doubles and disorders nothing over %s',
    async (transport) => {
      const gathering = gather(await opened(open({ transports: [transport] })));
      const cuts = await cutAtRandom(gathering);
      expectAll(await gathering);
      expect(cuts).toBeGreaterThan(1);
    },
  );

  it('nor when the transport changes in the middle', async () => {
    const used = new Set<string>();
    const changing = open({ retryBestMs: 100 });
    changing.status$.subscribe((status) => {
      if (status.state === 'open') used.add(status.transport);
    });
    const gathering = gather(await opened(changing));
    await cutAtRandom(gathering, async () => {
      // until the client has found the way that there is
      await Promise.race([
        gathering,
        opened(changing, (kind) => (kind !== 'websocket') === proxy.refusesUpgrades),
      ]);
      proxy.refusesUpgrades = !proxy.refusesUpgrades;
    });
    expectAll(await gathering);
    expect(used).toContain('websocket');
    expect(used).toContain('event-stream');
  });

  it('returns to WebSocket, once that works again, without a loss', async () => {
    proxy.refusesUpgrades = true;
    const falling = open({ retryBestMs: 50 });
    const kinds: string[] = [];
    falling.status$.subscribe((status) => {
      if (status.state === 'open') kinds.push(status.transport);
    });
    const gathering = gather(await opened(falling));
    await wait(200);
    proxy.refusesUpgrades = false;
    await opened(falling, (kind) => kind === 'websocket');
    expectAll(await gathering);
    expect(kinds).toEqual(['event-stream', 'websocket']);
  });

  it('falls back to long polling behind a proxy that gathers answers', async () => {
    proxy.refusesUpgrades = proxy.buffers = true;
    const falling = open({ connectTimeoutMs: 300 });
    const status = await firstValueFrom(falling.status$.pipe(filter(({ state }) => state === 'open')));
    expect(status).toEqual({ state: 'open', transport: 'long-polling' });
    expect(await falling.request('add', 1)).toBe(1);
  });
});
