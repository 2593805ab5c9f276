/**
 * Three processes on one Redis, behind a balancer without sticky sessions; clients on all transports, publishers who
 * note what was acknowledged. One node after another is told to end, and is started again. `npm run test:rolling`
 * does it with more of everything.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Client, type Gap, type TransportKind, connect } from 'nestwire/client';
import { Balancer } from '../support/balancer.js';
import { freePort } from '../support/free-port.js';
import { NodeProcess } from '../support/node-process.js';
import { RedisServer } from '../support/redis-server.js';

const { ROLLING_CLIENTS = '16', ROLLING_ROUNDS = '1', ROLLING_PAUSE_MS = '20' } = process.env;
const NODES = 3;
const PUBLISHERS = 2;
const TRANSPORTS: TransportKind[] = ['websocket', 'event-stream', 'long-polling', 'short-polling'];
const NODE = new URL('./node.mjs', import.meta.url);

class Receiver {
  readonly items: string[] = [];
  readonly gaps: Gap[] = [];

  constructor(readonly client: Client) {
    client.on('message').subscribe((item) => this.items.push(item as string));
    client.gaps$.subscribe((gap) => gap.channel !== undefined && this.gaps.push(gap));
  }
}

class Publisher {
  readonly acknowledged: string[] = [];
  failed = 0;
  private isDone = false;

  constructor(
    readonly client: Client,
    private readonly name: string,
  ) {}

  /** Never twice: whether a failed one was published nobody knows. */
  async run(): Promise<void> {
    for (let n = 1; !this.isDone; n++) {
      const item = `${this.name}-${n}`;
      await this.client.request('publish', item).then(
        () => this.acknowledged.push(item),
        () => this.failed++,
      );
      await pause(Number(ROLLING_PAUSE_MS));
    }
  }

  stop(): void {
    this.isDone = true;
  }
}

describe('a rolling restart of three nodes under load', () => {
  let redis: RedisServer;
  let balancer: Balancer;
  let nodes: NodeProcess[];
  const clients: Client[] = [];

  beforeEach(async () => {
    redis = await RedisServer.start();
    const ports = await Promise.all(Array.from({ length: NODES }, freePort));
    nodes = ports.map((port) => new NodeProcess(NODE, port, { REDIS_URL: redis.url }));
    await Promise.all(nodes.map((node) => node.start()));
    balancer = await Balancer.start(ports);
  }, 60_000);

  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await Promise.all(nodes.map((node) => node.stop('SIGKILL')));
    await balancer.stop();
    await redis.stop();
  });

  function visit(transport: TransportKind): Client {
    const client = connect(`${balancer.url}/feed`, {
      transports: [transport],
      polling: { intervalMs: 200 },
    });
    clients.push(client);
    return client;
  }

  const connected = async (all: readonly Client[]): Promise<void> => {
    while (!all.every(({ status }) => status.state === 'open')) await pause(20);
  };

  it('loses nothing, doubles nothing, and leaves no client behind', async () => {
    const kinds = Array.from({ length: Number(ROLLING_CLIENTS) }, (_, i) => TRANSPORTS[i % 4]!);
    const receivers = kinds.map((kind) => new Receiver(visit(kind)));
    const writers = Array.from({ length: PUBLISHERS }, () => visit('websocket'));
    const publishers = writers.map((client, i) => new Publisher(client, `p${i}`));
    await connected(clients);
    const publishing = Promise.all(publishers.map((publisher) => publisher.run()));
    // who has nothing of a channel has no place in it to go on from
    while (!receivers.every(({ items }) => items.length > 0)) await pause(20);

    const exits: unknown[] = [];
    for (let round = 0; round < Number(ROLLING_ROUNDS); round++) {
      for (const node of nodes) {
        exits.push(await node.stop());
        await node.start();
      }
    }
    for (const publisher of publishers) publisher.stop();
    await publishing;
    await connected(clients);
    const history = (await writers[0]!.request('history')) as string[];
    const last = history.at(-1);
    while (!receivers.every(({ items }) => items.includes(last!))) await pause(50);

    const acknowledged = publishers.flatMap((publisher) => publisher.acknowledged);
    expect(exits).toEqual(exits.map(() => 'SIGTERM'));
    expect(acknowledged.length).toBeGreaterThan(20);
    expect(acknowledged.filter((item) => !history.includes(item))).toEqual([]);
    for (const [i, { items, gaps }] of receivers.entries()) {
      expect([kinds[i], gaps]).toEqual([kinds[i], []]);
      expect([kinds[i], items]).toEqual([kinds[i], history]);
    }
  }, 600_000);
});
