import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { redis } from 'nestwire/redis';
import type { Position } from '../../../lib/channel/index.js';
import { RedisSentinel } from '../../support/redis-sentinel.js';
import { RedisServer } from '../../support/redis-server.js';
import { HISTORY, hear } from '../heard.js';

describe('redis({ sentinels })', () => {
  const closing: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  async function start(...settings: string[]): Promise<RedisServer> {
    const server = await RedisServer.start('--repl-diskless-sync-delay', '0', ...settings);
    closing.push(() => server.stop());
    return server;
  }

  it('follows the master when a replica was promoted, and tells that what it acknowledged may be gone', async () => {
    const master = await start();
    const replica = await start('--replicaof', '127.0.0.1', `${master.port}`);
    const sentinel = await RedisSentinel.start(master.port);
    closing.push(() => sentinel.stop());
    const broker = redis({ sentinels: [sentinel.url], timeoutMs: 1_000, durability: 'always' });
    closing.push(() => broker.close());
    const { got, lost } = await hear(broker);
    const before = (await broker.publish('c', '1', HISTORY))!;
    while (got.length === 0) await pause(10);
    await master.kill();

    let after: Position | undefined;
    while (!after) after = await broker.publish('c', '2', HISTORY).catch(() => pause(50, undefined));
    // who published may have been faster than the subscriber who comes back
    const isTold = (): boolean =>
      got.at(-1)?.position?.epoch === after.epoch || lost.at(-1)?.epoch === after.epoch;
    while (!isTold()) await pause(10);
    expect(after.epoch).not.toBe(before.epoch);
    expect((await broker.history('c', before)).recovered).toBe(false);
    expect(await replica.call('ROLE')).toContain('master');
  });
});
