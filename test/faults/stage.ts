/**
 * Where faults happen: three nodes on one Redis, on Express and Fastify by turns, a publisher, and clients behind a
 * balancer without sticky sessions.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Balancer, type Link } from '../support/balancer.js';
import { freePort } from '../support/free-port.js';
import { RedisServer } from '../support/redis-server.js';
import { randomFrom } from '../support/seed.js';
import type { Acknowledgement, ReaderLog } from './checker.js';
import { Worker } from './worker.js';

export interface StageOptions {
  readonly clients: number;
  readonly channels: number;
  /** Publications a second. */
  readonly rate: number;
  readonly seed: number;
  readonly durability: 'memory' | 'always';
}

/** What readers wrote down. */
export interface Readings {
  readonly logs: readonly ReaderLog[];
  /** Readers that had to connect again. */
  readonly reconnected: number;
  /** From publisher to reader, of those that had not; undefined when there were none. */
  readonly p50Ms?: number;
  readonly p99Ms?: number;
}

export interface Publications {
  readonly acknowledged: readonly Acknowledgement[];
  readonly failed: number;
}

/** Of all nodes together. */
export interface Resources {
  readonly rssBytes: number;
  /** What is left of their memory when all garbage is gone. */
  readonly heldBytes: number;
  readonly sockets: number;
  /** Connections that Redis has. */
  readonly redisConnections: number;
}

const NODES = 3;
/** What Redis is started with so that nothing acknowledged is lost. */
const ON_DISK = ['--appendonly', 'yes', '--appendfsync', 'always'];
/** The slowest to notice that a peer is silent are event streams: after 35 s. */
const SETTLE_MS = 90_000;

export class Stage {
  readonly redis: RedisServer;
  readonly balancer: Balancer;
  readonly publisher: Worker;
  readonly random: () => number;

  private constructor(
    private readonly parts: { redis: RedisServer; balancer: Balancer; publisher: Worker; readers: Worker },
    private readonly nodes: Worker[],
    private readonly ports: readonly number[],
    readonly options: StageOptions,
  ) {
    ({ redis: this.redis, balancer: this.balancer, publisher: this.publisher } = parts);
    this.random = randomFrom(options.seed);
  }

  static async start(options: StageOptions): Promise<Stage> {
    const redis = await RedisServer.start(...(options.durability === 'always' ? ON_DISK : []));
    try {
      return await Stage.on(redis, options);
    } catch (error) {
      await redis.stop(); // the others end with this process
      throw error;
    }
  }

  private static async on(redis: RedisServer, options: StageOptions): Promise<Stage> {
    const { clients, channels, rate, seed } = options;
    const ports = await Promise.all(Array.from({ length: NODES }, freePort));
    const nodes = await Promise.all(ports.map((port, i) => startNode(redis, port, i, options)));
    const urls = ports.map((port) => `http://127.0.0.1:${port}`);
    const balancer = await Balancer.start(ports);
    const publisher = await Worker.start('publisher', { urls, channels, rate, seed });
    const readers = await Worker.start('readers', { url: balancer.url, clients, channels });
    const stage = new Stage({ redis, balancer, publisher, readers }, nodes, ports, options);
    await stage.settle();
    await stage.take();
    return stage;
  }

  get nodeCount(): number {
    return this.nodes.length;
  }

  node(index: number): Worker {
    return this.nodes[index]!;
  }

  /** @param environment of the new process, beside our own */
  async startAgain(index: number, environment: NodeJS.ProcessEnv = {}): Promise<void> {
    this.nodes[index] = await startNode(this.redis, this.ports[index]!, index, this.options, environment);
  }

  /** @param share of all connections, from 0 to 1 */
  someLinks(share: number): Link[] {
    return [...this.balancer.links].filter(() => this.random() < share);
  }

  async publish(): Promise<void> {
    await this.publisher.ask('go');
  }

  /**
   * Ends what is published, with one more publication in each channel.
   * @returns the readers that do not get it, and how long it took the others
   */
  async settle(): Promise<{ behind: string[]; tookMs: number }> {
    await this.publisher.ask('pause');
    const marks = await this.publisher.ask('mark');
    const reached = await this.parts.readers.ask('reach', { marks, timeoutMs: SETTLE_MS });
    return reached as { behind: string[]; tookMs: number };
  }

  /** What was written down since the last call; afterwards readers stand where the last mark is. */
  async take(): Promise<Publications & Readings> {
    const publications = (await this.publisher.ask('take')) as Publications;
    return { ...publications, ...((await this.parts.readers.ask('take')) as Readings) };
  }

  async resources(): Promise<Resources> {
    const all = await Promise.all(this.nodes.map((node) => node.ask('resources') as Promise<Resources>));
    const sum = (of: keyof Resources): number => all.reduce((total, one) => total + one[of], 0);
    const connections = (await this.redis.call('CLIENT', 'LIST')) as string;
    return {
      rssBytes: sum('rssBytes'),
      heldBytes: sum('heldBytes'),
      sockets: sum('sockets'),
      redisConnections: connections.trim().split('\n').length,
    };
  }

  async stop(): Promise<void> {
    const { redis, balancer, publisher, readers } = this.parts;
    await Promise.all([readers, publisher, ...this.nodes].map((worker) => worker.end('SIGKILL')));
    await balancer.stop();
    await redis.stop();
  }
}

function startNode(
  redis: RedisServer,
  port: number,
  index: number,
  options: StageOptions,
  environment: NodeJS.ProcessEnv = {},
): Promise<Worker> {
  const { channels, durability } = options;
  const platform = index % 2 === 0 ? 'Express' : 'Fastify';
  const settings = { port, redisUrl: redis.url, durability, channels, platform };
  return Worker.start('node', settings, environment);
}

export const seconds = (count: number): Promise<void> => pause(count * 1_000);
