import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type RedisBrokerOptions, redis } from 'nestwire/redis';
import type { Broker, Position } from '../../../lib/channel/index.js';
import { RedisServer } from '../../support/redis-server.js';
import { HISTORY, hear } from '../heard.js';
import { until } from '../../support/until.js';

const ON_DISK = ['--appendonly', 'yes', '--appendfsync', 'always'];

describe('redis(), when Redis', () => {
  const closing: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  async function start(...settings: string[]): Promise<RedisServer> {
    const server = await RedisServer.start(...settings);
    closing.push(() => server.stop());
    return server;
  }

  function open(server: RedisServer, options: Partial<RedisBrokerOptions> = {}): Broker {
    const broker = redis({ url: server.url, ...options });
    closing.push(() => broker.close());
    return broker;
  }

  it('restarts with an empty memory, begins a new epoch, and tells at once', async () => {
    const server = await start();
    const broker = open(server);
    const { got, lost } = await hear(broker);
    const before = (await broker.publish('c', '1', HISTORY))!;
    await until(() => got.length === 1);
    await server.kill();
    await server.run();
    await until(() => lost.length > 0);

    expect(lost).toEqual([{ epoch: expect.any(String), offset: 0 }]);
    expect(lost[0]!.epoch).not.toBe(before.epoch);
    const after = await broker.publish('c', '2', HISTORY);
    expect(after).toEqual({ epoch: lost[0]!.epoch, offset: 1 });
    await until(() => got.length === 2);
    expect((await broker.history('c', before)).recovered).toBe(false);
  });

  it.each<['memory' | 'always', boolean]>([
    ['memory', false],
    ['always', true],
  ])("restarts from its disk, with durability '%s', keeps the epoch: %s", async (durability, isKept) => {
    const server = await start(...ON_DISK);
    const broker = open(server, { durability });
    const { got, lost } = await hear(broker);
    const before = (await broker.publish('c', '1', HISTORY))!;
    await until(() => got.length === 1);
    await server.kill();
    await server.run();
    const after = (await broker.publish('c', '2', HISTORY))!;
    await until(() => got.length === 2 || lost.length > 0);

    expect(after.epoch === before.epoch).toBe(isKept);
    expect(after.offset).toBe(isKept ? 2 : 1);
    // whoever publishes first after a restart may be faster than the subscriber who comes back
    expect(lost.length > 0).toBe(!isKept);
    expect((await broker.history('c', before)).recovered).toBe(isKept);
  });

  it("has no disk, does not take 'always' for granted", async () => {
    const server = await start();
    const broker = open(server, { durability: 'always' });
    const before = (await broker.publish('c', '1', HISTORY))!;
    await server.call('SAVE');
    await server.kill();
    await server.run();

    expect((await broker.history('c', before)).recovered).toBe(false);
  });

  it('is a replica that was promoted, begins a new epoch', async () => {
    const master = await start('--repl-diskless-sync-delay', '0');
    const replica = await start('--replicaof', '127.0.0.1', `${master.port}`);
    const before = (await open(master).publish('c', '1', HISTORY))!;
    await master.call('WAIT', '1', '10000');
    await replica.call('REPLICAOF', 'NO', 'ONE');

    const replay = await open(replica, { durability: 'always' }).history('c', before);
    expect(replay.recovered).toBe(false);
    expect(replay.position.epoch).not.toBe(before.epoch);
  });

  it('is away, makes calls wait and then fail, and is found again', async () => {
    const server = await start();
    await server.kill();
    const broker = open(server, { timeoutMs: 300 });
    const subscription = broker.subscribe('c', () => undefined);
    const unavailable = { code: 'BROKER_UNAVAILABLE', statusCode: 503 };

    await expect(broker.publish('c', '1', HISTORY)).rejects.toMatchObject(unavailable);
    await expect(broker.publish('c', '1', undefined)).rejects.toThrow(
      'no connection for 300 ms (ECONNREFUSED)',
    );
    await expect(broker.history('c', undefined)).rejects.toMatchObject(unavailable);
    await expect(subscription.ready).rejects.toThrow('not subscribed within 300 ms');
    await server.run();
    while (!(await broker.publish('c', '1', HISTORY).catch(() => undefined))) await pause(50);
    while (!(await subscription.ready.then(() => true).catch(() => false))) await pause(50);
  });

  it('is frozen, fails what was asked of it, and loses nothing that was acknowledged', async () => {
    const server = await start();
    const broker = open(server, { timeoutMs: 1_500 });
    const { got, lost } = await hear(broker);
    await broker.publish('c', '1', HISTORY);
    server.freeze();
    const failed = await broker.publish('c', '"?"', HISTORY).catch((error: unknown) => error);
    server.thaw();
    expect(failed).toMatchObject({ code: 'BROKER_UNAVAILABLE' });

    let last: Position | undefined;
    while (!last) last = await broker.publish('c', '2', HISTORY).catch(() => undefined);
    await until(() => got.at(-1)?.position?.offset === last.offset);
    expect(got.map(({ position }) => position?.offset)).toEqual(
      Array.from({ length: last.offset }, (_, i) => i + 1),
    );
    expect(lost).toEqual([]);
  });
});
