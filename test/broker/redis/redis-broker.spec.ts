import { setTimeout as pause } from 'node:timers/promises';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type RedisBrokerOptions, redis } from 'nestwire/redis';
import type { Broker, BrokerPublication } from '../../../lib/channel/index.js';
import { RedisServer } from '../../support/redis-server.js';
import { describeBroker } from '../broker.contract.js';
import { describeMailboxes } from '../mailboxes.contract.js';
import { HISTORY, hear } from '../heard.js';
import { until } from '../../support/until.js';

let server: RedisServer;
let prefixes = 0;

beforeAll(async () => {
  server = await RedisServer.start();
});

afterAll(() => server.stop());

describeBroker('redis()', () => {
  const broker = redis({ url: server.url, prefix: `contract-${++prefixes}` });
  return Promise.resolve({ broker, advance: (ms) => pause(ms) });
});

describeMailboxes('redis()', () => redis({ url: server.url, prefix: `mailboxes-${++prefixes}` }));

describe('redis()', () => {
  const brokers: Broker[] = [];

  afterEach(async () => {
    await Promise.all(brokers.splice(0).map((broker) => broker.close()));
  });

  function open(options: Partial<RedisBrokerOptions> = {}): Broker {
    const broker = redis({ url: server.url, prefix: `test-${prefixes}`, ...options });
    brokers.push(broker);
    return broker;
  }

  const offsets = (got: BrokerPublication[]): (number | undefined)[] =>
    got.map(({ position }) => position?.offset);

  it.each([HISTORY, undefined])(
    'delivers what is published here as soon as there is a subscription (history: %p)',
    async (history) => {
      const broker = open({ prefix: `test-${++prefixes}` });
      const got: string[] = [];
      const { ready } = broker.subscribe('c', ({ body }) => got.push(body));
      // before there is a connection
      await Promise.all([broker.publish('c', '1', history), broker.publish('c', '2', history)]);
      await ready;
      await until(() => got.length === 2);
      expect(got).toEqual(['1', '2']);
    },
  );

  it('carries publications from one process to another, in one order', async () => {
    prefixes++;
    const [here, there] = [open(), open()];
    const [a, b] = [await hear(here), await hear(there)];
    const publishing = Array.from({ length: 50 }, (_, i) =>
      (i % 2 ? here : there).publish('c', `${i}`, HISTORY),
    );
    await Promise.all(publishing);
    await until(() => a.got.length === 50 && b.got.length === 50);

    expect(a.got).toEqual(b.got);
    expect(offsets(a.got)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
  });

  it('keeps prefixes, and databases, apart', async () => {
    prefixes++;
    const tenants = [open(), open({ prefix: 'other' }), open({ url: `${server.url}/1` })];
    const heard = await Promise.all(tenants.map((tenant) => hear(tenant)));
    for (const [i, tenant] of tenants.entries()) await tenant.publish('c', `${i}`, HISTORY);
    await until(() => heard.every(({ got }) => got.length > 0));

    expect(heard.map(({ got }) => got.map(({ body }) => body))).toEqual([['0'], ['1'], ['2']]);
  });

  it('subscribes at Redis while somebody is there', async () => {
    prefixes++;
    const broker = open();
    const subscribed = async (): Promise<unknown> => server.call('PUBSUB', 'CHANNELS', `test-${prefixes}:*`);
    const subscriptions = ['a', 'a', 'b'].map((name) => broker.subscribe(name, () => undefined));
    await Promise.all(subscriptions.map(({ ready }) => ready));
    expect(((await subscribed()) as string[]).sort()).toEqual(
      ['a', 'b'].map((name) => `test-${prefixes}:0:{${name}}`),
    );

    for (const subscription of subscriptions) subscription.close();
    while (((await subscribed()) as string[]).length > 0) await pause(10);
  });

  it('is sent each publication once, whatever number of subscriptions, and publishes many in few writes', async () => {
    prefixes++;
    const broker = open();
    const heard = await Promise.all([hear(broker), hear(broker), hear(broker)]);
    expect(await server.call('PUBSUB', 'NUMSUB', `test-${prefixes}:0:{c}`)).toEqual([
      `test-${prefixes}:0:{c}`,
      1,
    ]);
    await server.call('CONFIG', 'RESETSTAT');
    await Promise.all(Array.from({ length: 500 }, (_, i) => broker.publish('c', `${i}`, HISTORY)));
    await until(() => heard.every(({ got }) => got.length === 500));

    const stats = String(await server.call('INFO', 'stats', 'commandstats'));
    const count = (of: string): number => Number(new RegExp(`${of}(\\d+)`).exec(stats)?.[1]);
    expect(count('cmdstat_publish:calls=')).toBe(500);
    expect(count('cmdstat_evalsha:calls=')).toBe(500);
    expect(count('total_reads_processed:')).toBeLessThan(250);
  });

  it('delivers what was published while subscribers were cut off', async () => {
    prefixes++;
    const broker = open();
    const { got, lost } = await hear(broker);
    await broker.publish('c', '1', HISTORY);
    await until(() => got.length === 1);
    await server.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    for (let i = 2; i <= 20; i++) await broker.publish('c', `${i}`, HISTORY);
    await until(() => got.length >= 20);

    expect(offsets(got)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(lost).toEqual([]);
  });

  it('tells at once what it cannot deliver any more', async () => {
    prefixes++;
    const broker = open();
    const { got, lost } = await hear(broker);
    const bounds = { ...HISTORY, size: 1 };
    await broker.publish('c', '1', bounds);
    await until(() => got.length === 1);
    // in one step: the subscriber does not come back in between
    const publishing = Array.from({ length: 20 }, (_, i) => broker.publish('c', `${i + 2}`, bounds));
    await server.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await Promise.all(publishing);
    for (let i = 22; i <= 40; i++) await broker.publish('c', `${i}`, bounds);
    await until(() => offsets(got).includes(40) || lost.some(({ offset }) => offset === 40));

    const last = Math.max(...lost.map(({ offset }) => offset));
    expect(last).toBeGreaterThan(1);
    expect(offsets(got).filter((offset) => offset! > last)).toEqual(
      Array.from({ length: 40 - last }, (_, i) => last + 1 + i),
    );
  });

  it('takes what others wrote for lost, and lives on', async () => {
    prefixes++;
    const broker = open();
    const { got } = await hear(broker);
    const topic = `test-${prefixes}:0:{c}`;
    for (const text of ['', 'x', ':{', 'e.0:1', 'e.x:1', '.1:1', 'a b.1:1'])
      await server.call('PUBLISH', topic, text);
    const position = (await broker.publish('c', '1', HISTORY))!;
    await until(() => got.length > 0);
    expect(got).toEqual([{ body: '1', position }]);

    await server.call('RPUSH', `test-${prefixes}:{c}:l`, '5:no json');
    await server.call('HINCRBY', `test-${prefixes}:{c}:h`, 'top', '1');
    expect(await broker.history('c', position)).toMatchObject({ recovered: false, publications: [] });

    await server.call('SET', `test-${prefixes}:{d}:h`, 'a string');
    await expect(broker.publish('d', '1', HISTORY)).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
  });

  it('goes on when the scripts were flushed', async () => {
    prefixes++;
    const broker = open();
    await broker.publish('c', '1', HISTORY);
    await server.call('SCRIPT', 'FLUSH');

    expect(await broker.publish('c', '2', HISTORY)).toMatchObject({ offset: 2 });
  });

  it('is up while both connections stand, and connects for who asks', async () => {
    prefixes++;
    const broker = open();
    expect(broker.isUp).toBe(false);
    while (!broker.isUp) await pause(10);
    await server.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    while (broker.isUp) await pause(1);
    while (!broker.isUp) await pause(10);
    await broker.close();

    expect(broker.isUp).toBe(false);
  });

  it('refuses calls beyond maxPending', async () => {
    prefixes++;
    const broker = open({ maxPending: 1 });
    const first = broker.publish('c', '1', HISTORY);

    await expect(broker.publish('c', '2', HISTORY)).rejects.toThrow('1 calls are waiting');
    expect(await first).toMatchObject({ offset: 1 });
  });

  it.each<[string, Record<string, unknown>]>([
    ['url', { url: 'http://127.0.0.1' }],
    ['url', { url: undefined }],
    ['prefix', { prefix: 'a{b' }],
    ['durability', { durability: 'sometimes' }],
    ['timeoutMs', { timeoutMs: 0 }],
    ['maxPending', { maxPending: 1.5 }],
    ['idleMs', { idleMs: Number.POSITIVE_INFINITY }],
  ])('refuses a bad %s', (name, options) => {
    expect(() => redis({ url: server.url, ...options })).toThrow(
      expect.objectContaining({ code: 'INVALID_REDIS_OPTIONS', message: expect.stringMatching(`^${name} `) }),
    );
  });

  it('says nothing of its credentials', async () => {
    const broker = open({ url: server.url.replace('//', '//user:geheim@'), timeoutMs: 1_500 });
    const error = await broker.publish('c', '1', HISTORY).catch((reason: unknown) => reason);

    expect(error).toMatchObject({
      code: 'BROKER_UNAVAILABLE',
      message: expect.stringContaining('WRONGPASS'),
    });
    expect(inspect([error, broker], { depth: 3 }).includes('geheim')).toBe(false);
  });
});
