import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { findTool } from '../../.ci/system-tools.mjs';
import { freePort } from './free-port.js';

/** A Sentinel of our own, which decides alone, after half a second. */
export class RedisSentinel {
  private constructor(
    private readonly process: ChildProcess,
    private readonly folder: string,
    private readonly client: Redis,
    readonly url: string,
  ) {}

  /** @param master port of the server that it watches as `mymaster`, with its replicas */
  static async start(master: number): Promise<RedisSentinel> {
    const folder = await mkdtemp(join(tmpdir(), 'nestwire-sentinel-'));
    const port = await freePort();
    const config = [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${folder}`,
      `sentinel monitor mymaster 127.0.0.1 ${master} 1`,
      'sentinel down-after-milliseconds mymaster 500',
      'sentinel failover-timeout mymaster 2000',
    ];
    const file = join(folder, 'sentinel.conf');
    await writeFile(file, config.join('\n'));
    const process = spawn(findTool('redis-server')!, [file, '--sentinel'], { stdio: 'ignore' });
    const client = new Redis(port, '127.0.0.1', { protocol: 2 }).on('error', () => undefined);
    const sentinel = new RedisSentinel(process, folder, client, `redis://127.0.0.1:${port}`);
    while (!(await sentinel.knowsReplica())) await pause(100);
    return sentinel;
  }

  private async knowsReplica(): Promise<boolean> {
    try {
      const replicas = await this.client.call('SENTINEL', 'REPLICAS', 'mymaster');
      return /"master-link-status"[,:]"ok"/.test(JSON.stringify(replicas));
    } catch {
      return false;
    }
  }

  async stop(): Promise<void> {
    this.client.disconnect();
    const exited = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await exited;
    await rm(this.folder, { recursive: true, force: true });
  }
}
