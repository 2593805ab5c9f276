import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { findTool } from '../../.ci/system-tools.mjs';
import { freePort } from './free-port.js';

/** A Redis of our own: a process, its port and its folder. */
export class RedisServer {
  private process: ChildProcess | undefined;
  private client: Redis | undefined;

  private constructor(
    private readonly folder: string,
    readonly port: number,
    private readonly settings: readonly string[],
  ) {}

  /** @param settings as on the command line, after those that keep nothing on disk */
  static async start(...settings: string[]): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), 'nestwire-redis-'));
    const server = new RedisServer(folder, await freePort(), settings);
    await server.run();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Again, after `kill`. */
  async run(): Promise<void> {
    const path = findTool('redis-server');
    if (!path) throw new Error('no redis-server found: node .ci/ensure-tools.mjs says what to do');
    const base = ['--port', `${this.port}`, '--bind', '127.0.0.1', '--dir', this.folder, '--save', ''];
    this.process = spawn(path, [...base, ...this.settings], { stdio: 'ignore' });
    while (!(await this.answers())) await pause(20);
  }

  private async answers(): Promise<boolean> {
    try {
      return (await this.call('PING')) === 'PONG';
    } catch {
      return false;
    }
  }

  /** What an administrator would do. */
  async call(command: string, ...args: string[]): Promise<unknown> {
    this.client ??= this.connection();
    if (this.client.status !== 'ready') await this.client.connect();
    return this.client.call(command, ...args);
  }

  private connection(): Redis {
    const settings = { lazyConnect: true, retryStrategy: null, protocol: 2 } as const;
    return new Redis(this.port, '127.0.0.1', settings).on('error', () => undefined);
  }

  /** As a crash would. */
  async kill(): Promise<void> {
    this.client?.disconnect();
    this.client = undefined;
    const { process } = this;
    this.process = undefined;
    if (!process) return;
    const exited = once(process, 'exit');
    process.kill('SIGKILL');
    await exited;
  }

  freeze(): void {
    this.process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.process?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}
