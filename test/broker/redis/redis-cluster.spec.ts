import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { redis } from 'nestwire/redis';
import type { Broker, OpenMailbox, Position } from '../../../lib/channel/index.js';
import { RedisCluster } from '../../support/redis-cluster.js';
import { describeBroker } from '../broker.contract.js';
import { describeMailboxes } from '../mailboxes.contract.js';
import { describePresence } from '../presence.contract.js';
import { HISTORY, hear } from '../heard.js';
import { until } from '../../support/until.js';

let cluster: RedisCluster;
let prefixes = 0;

beforeAll(async () => {
  cluster = await RedisCluster.start();
});

afterAll(() => cluster.stop());

function open(prefix = `contract-${++prefixes}`): Broker {
  return redis({ cluster: cluster.urls.slice(0, 1), prefix, timeoutMs: 5_000 });
}

describeBroker('redis({ cluster })', () => {
  return Promise.resolve({ broker: open(), advance: (ms) => pause(ms) });
});

describePresence('redis({ cluster })', () => Promise.resolve(open()));

describeMailboxes('redis({ cluster })', () => open());

describe('redis({ cluster })', () => {
  const brokers: Broker[] = [];
  const names = Array.from({ length: 12 }, (_, i) => `c${i}`);

  afterEach(async () => {
    await Promise.all(brokers.splice(0).map((broker) => broker.close()));
  });

  function openTwo(): [Broker, Broker] {
    const prefix = `nodes-${++prefixes}`;
    brokers.push(open(prefix), open(prefix));
    return brokers as [Broker, Broker];
  }

  it('spreads channels over the nodes, each with its history and its topic on one of them', async () => {
    const [here, there] = openTwo();
    const heard = await Promise.all(names.map((name) => hear(there, name)));
    for (const name of names) await here.publish(name, JSON.stringify(name), HISTORY);
    await until(() => heard.every(({ got }) => got.length === 1));

    const keys = await Promise.all(cluster.nodes.map((node) => node.call('KEYS', `nodes-${prefixes}:*:l`)));
    const topics = await Promise.all(cluster.nodes.map((node) => node.call('PUBSUB', 'SHARDCHANNELS')));
    const counts = (lists: unknown[]): number[] => lists.map((list) => (list as string[]).length);
    expect(counts(keys).every((count) => count > 0)).toBe(true);
    expect(counts(topics)).toEqual(counts(keys));
  });

  it('leaves nothing subscribed that was closed before it was subscribed', async () => {
    const [here] = openTwo();
    const openAt = (name: string): OpenMailbox => here.mailboxes!.open(name, () => undefined);
    for (const box of names.map((name) => openAt(name))) box.close();
    await Promise.all(names.map((name) => openAt(`${name}-kept`).ready));

    const topics = await Promise.all(cluster.nodes.map((node) => node.call('PUBSUB', 'SHARDCHANNELS')));
    const own = topics.flatMap((list) =>
      (list as string[]).filter((t) => t.startsWith(`nodes-${prefixes}:`)),
    );
    expect(own.sort()).toEqual(names.map((name) => `nodes-${prefixes}:0:mailbox:${name}-kept`).sort());
  });

  it('delivers what was published while a node had cut its subscribers off, and leaves the others alone', async () => {
    const [here, there] = openTwo();
    const heard = await Promise.all(names.map((name) => hear(there, name)));
    for (let i = 1; i <= 10; i++) {
      await Promise.all(names.map((name) => here.publish(name, `${i}`, HISTORY)));
      if (i === 5) await cluster.nodes[0]!.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    }
    await until(() => heard.every(({ got }) => got.length >= 10));

    for (const { got, lost } of heard) {
      expect(got.map(({ position }) => position!.offset)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      expect(lost).toEqual([]);
    }
  });

  it('tells what a node lost that was restarted, and finds it again; the others go on meanwhile', async () => {
    const [here, there] = openTwo();
    const node = await cluster.nodeOf(`nodes-${prefixes}:{c0}:h`);
    const positions = new Map<string, boolean>();
    for (const name of names) {
      positions.set(name, (await cluster.nodeOf(`nodes-${prefixes}:{${name}}:h`)) === node);
    }
    const other = names.find((name) => !positions.get(name))!;
    const [lost, kept] = [await hear(there, 'c0'), await hear(there, other)];
    const before = (await here.publish('c0', '1', HISTORY))!;
    await here.publish(other, '1', HISTORY);
    await until(() => lost.got.length === 1 && kept.got.length === 1);
    await node.kill();
    await node.run();
    await until(() => lost.lost.length > 0);
    let after: Position | undefined;
    while (!after) after = await here.publish('c0', '2', HISTORY).catch(() => pause(50, undefined));
    while (!(await here.publish(other, '2', HISTORY).catch(() => undefined))) await pause(20);
    const { offset } = after;
    await until(() => lost.got.length > 1 && lost.got.at(-1)!.position!.offset >= offset);
    await until(() => kept.got.length > 1);

    expect(after.epoch).not.toBe(before.epoch);
    expect(lost.got.at(-1)!.position).toEqual(after);
    expect(kept.lost).toEqual([]);
  });

  it('spreads mailboxes over the nodes, one that several processes have too', async () => {
    const [here, there] = openTwo();
    const got: string[] = [];
    const openAt = async (broker: Broker, name: string): Promise<void> =>
      broker.mailboxes!.open(name, (letter) => got.push(`${name} ${Buffer.from(letter).toString()}`)).ready;
    await Promise.all([
      ...names.map((name) => openAt(there, name)),
      openAt(here, 'all'),
      openAt(there, 'all'),
    ]);

    expect(await here.mailboxes!.post('all', Buffer.from('x'))).toBe(2);
    const reached = await Promise.all(names.map((name) => here.mailboxes!.post(name, Buffer.from('y'))));
    expect(new Set(reached)).toEqual(new Set([1]));
    await until(() => got.length === names.length + 2);
    expect(got.sort()).toEqual(['all x', 'all x', ...names.map((name) => `${name} y`)].sort());
    const topics = await Promise.all(cluster.nodes.map((node) => node.call('PUBSUB', 'SHARDCHANNELS')));
    expect(topics.every((list) => (list as string[]).some((topic) => topic.includes(':mailbox:')))).toBe(
      true,
    );
  });

  it('has a mailbox again when the node that it was at is restarted', async () => {
    const [here, there] = openTwo();
    const got: string[] = [];
    const box = there.mailboxes!.open('box', (letter) => got.push(Buffer.from(letter).toString()));
    await box.ready;
    const node = await cluster.nodeOf(`nodes-${prefixes}:0:mailbox:box`);
    await node.kill();
    await expect(here.mailboxes!.post('box', Buffer.from('lost'))).rejects.toMatchObject({
      code: 'BROKER_UNAVAILABLE',
    });
    await node.run();
    const post = (): Promise<number> => here.mailboxes!.post('box', Buffer.from('again')).catch(() => 0);
    while ((await post()) === 0) await pause(20);
    await until(() => got.length > 0);

    expect(got).toEqual(['again']);
    await box.ready;
  });

  it('goes on in a channel whose slot moves to another node, and delivers or tells as lost all of it', async () => {
    const [here, there] = openTwo();
    const [moved, kept] = [await hear(there, 'c0'), await hear(there, 'c1')];
    const acknowledged: Position[] = [];
    let isMoving = true;
    const publish = async (): Promise<void> => {
      const position = await here.publish('c0', '1', HISTORY).catch(() => undefined);
      if (position) acknowledged.push(position);
    };
    const publishing = (async () => {
      while (isMoving) await publish();
    })();
    await until(() => moved.got.length > 0);
    await cluster.moveSlotOf(`nodes-${prefixes}:{c0}:h`);
    isMoving = false;
    await publishing;
    await until(() => moved.lost.length > 0);
    while (moved.got.at(-1)?.body !== '"end"') {
      await here.publish('c0', '"end"', HISTORY);
      await pause(10);
    }

    const isCovered = ({ epoch, offset }: Position): boolean =>
      moved.got.some(({ position }) => position!.epoch === epoch && position!.offset === offset) ||
      moved.lost.some((lost) => lost.epoch !== epoch || lost.offset >= offset);
    expect(acknowledged.filter((position) => !isCovered(position))).toEqual([]);
    await here.publish('c1', '1', HISTORY);
    await until(() => kept.got.length > 0);
    expect(kept.lost).toEqual([]);
  });

  it('goes on with a mailbox whose slot moves to another node', async () => {
    const [here, there] = openTwo();
    const got: string[] = [];
    const box = there.mailboxes!.open('box', (letter) => got.push(Buffer.from(letter).toString()));
    await box.ready;
    expect(await here.mailboxes!.post('box', Buffer.from('before'))).toBe(1);
    await cluster.moveSlotOf(`nodes-${prefixes}:0:mailbox:box`);
    const post = (): Promise<number> => here.mailboxes!.post('box', Buffer.from('after'));
    while ((await post()) === 0) await pause(10);
    await until(() => got.includes('after'));

    expect(got).toEqual(['before', 'after']);
    await box.ready;
  });
});
