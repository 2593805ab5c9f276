import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type RedisBrokerOptions, redis } from 'nestwire/redis';
import type { Broker, PresenceChange } from '../../../lib/channel/index.js';
import { RedisServer } from '../../support/redis-server.js';
import { describePresence } from '../presence.contract.js';
import { until } from '../../support/until.js';

let server: RedisServer;
let prefixes = 0;

beforeAll(async () => {
  server = await RedisServer.start();
});

afterAll(() => server.stop());

describePresence('redis()', () =>
  Promise.resolve(redis({ url: server.url, prefix: `presence-${++prefixes}` })),
);

/** Longer than a busy machine stands still: who is silent for so long is taken for dead. */
const PRESENCE_MS = 1_500;

describe('presence on redis()', () => {
  const brokers: Broker[] = [];
  const anna = { key: 'anna', info: 'Anna' };
  const ben = { key: 'ben', info: 'Ben' };

  beforeAll(() => {
    prefixes++;
  });

  afterEach(async () => {
    await Promise.all(brokers.splice(0).map((broker) => broker.close()));
    prefixes++;
  });

  function open(options: Partial<RedisBrokerOptions> = {}): Broker {
    const broker = redis({
      url: server.url,
      prefix: `nodes-${prefixes}`,
      presenceMs: PRESENCE_MS,
      ...options,
    });
    brokers.push(broker);
    return broker;
  }

  async function watch(broker: Broker): Promise<string[]> {
    const told: string[] = [];
    const tell = ({ type, person }: PresenceChange): unknown => told.push(`${type} ${person.key}`);
    await broker.presence!.watch('c', tell, () => told.push('lost')).ready;
    return told;
  }

  const keys = async (broker: Broker): Promise<string[]> =>
    (await broker.presence!.read('c')).people.map(({ key }) => key).sort();

  it('tells of a person once, who is on several nodes', async () => {
    const [a, b] = [open(), open()];
    const told = await watch(open());
    await a.presence!.enter('c', anna, 10);
    await b.presence!.enter('c', anna, 10);
    await a.presence!.leave('c', 'anna');
    expect(await keys(a)).toEqual(['anna']);
    await b.presence!.leave('c', 'anna');
    await until(() => told.length >= 2);

    expect(told).toEqual(['joined anna', 'left anna']);
  });

  it('tells that the people of a node have left that closed, but for those who are on others', async () => {
    const [a, b] = [open(), open()];
    const told = await watch(b);
    await a.presence!.enter('c', anna, 10);
    await a.presence!.enter('c', ben, 10);
    await b.presence!.enter('c', ben, 10);
    await a.close();
    await until(() => told.includes('left anna'));

    expect(await keys(b)).toEqual(['ben']);
    expect(told).not.toContain('left ben');
  });

  it('keeps people for as long as their node lives, and no longer', async () => {
    const [dead, alive] = [open(), open()];
    const told = await watch(alive);
    await dead.presence!.enter('c', anna, 10);
    await alive.presence!.enter('c', ben, 10);
    await pause(1.5 * PRESENCE_MS);
    expect(await keys(alive)).toEqual(['anna', 'ben']);

    // its process says nothing any more
    cutOff(dead);
    await until(() => told.includes('left anna'));
    expect(await keys(alive)).toEqual(['ben']);
    await expect(dead.presence!.read('c')).rejects.toThrow();
  });

  it('lists again who is still there when its node was taken for dead, and nobody else', async () => {
    const [frozen, alive] = [open(), open()];
    await frozen.presence!.enter('c', anna, 10);
    await frozen.presence!.enter('c', ben, 10);
    const told = await watch(alive);
    // as if it had been silent: its time is over
    const key = `nodes-${prefixes}:{c}:n`;
    const [node] = (await server.call('ZRANGE', key, '0', '-1')) as [string];
    await server.call('ZADD', key, '1', node);
    await frozen.presence!.leave('c', 'ben');
    await until(() => told.includes('joined anna'));

    expect(await keys(alive)).toEqual(['anna']);
    expect(told.filter((text) => text === 'joined ben')).toEqual([]);
  });

  it('lists them again after a restart of Redis that lost everything', async () => {
    const own = await RedisServer.start();
    try {
      const broker = open({ url: own.url });
      const told = await watch(broker);
      await broker.presence!.enter('c', anna, 10);
      await own.kill();
      await own.run();
      await until(() => told.includes('lost'));
      while (!(await keys(broker).catch((): string[] => [])).includes('anna')) await pause(20);
    } finally {
      await Promise.all(brokers.splice(0).map((broker) => broker.close()));
      await own.stop();
    }
  });

  it('asks Redis once for each channel to keep its people, however many they are', async () => {
    const broker = open();
    const people = Array.from({ length: 200 }, (_, i) => ({ key: `p${i}`, info: null }));
    await Promise.all(people.map((person) => broker.presence!.enter('c', person, 1000)));
    await server.call('CONFIG', 'RESETSTAT');
    await pause(PRESENCE_MS);
    const stats = (await server.call('INFO', 'commandstats')) as string;
    const calls = Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1]);

    expect(calls).toBeGreaterThan(0);
    // a sign of life each; how many there are in that time is the machine's
    expect(calls).toBeLessThan(people.length);
    expect(await keys(broker)).toHaveLength(200);
  });

  it('survives what others wrote', async () => {
    const broker = open();
    const told = await watch(broker);
    const [hash, topic] = [`nodes-${prefixes}:{c}:p`, `nodes-${prefixes}:0:{c}:p`];
    for (const text of [
      '',
      'x',
      'e.1:7',
      'e.1:{',
      'e.1:["joined"]',
      ':["joined","a",1]',
      'e.1:["went","a",1]',
    ])
      await server.call('PUBLISH', topic, text);
    await server.call('HSET', hash, 'mjunk', 'junk', 'mno json', ',a,\n{', 'stranger', '1', 'm', ',a,\n1');
    await broker.presence!.enter('c', anna, 10);
    await until(() => told.length > 0);

    expect(told).toEqual(['joined anna']);
    expect(await keys(broker)).toEqual(['anna']);
    await server.call('DEL', hash);
    await server.call('SET', hash, 'a string');
    await expect(broker.presence!.read('c')).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
  });

  /** From one moment to the next, as by a kill: nothing more of it reaches Redis. */
  function cutOff(broker: Broker): void {
    const { commands } = broker as unknown as { commands: { close(): Promise<void> } };
    void commands.close();
  }
});
