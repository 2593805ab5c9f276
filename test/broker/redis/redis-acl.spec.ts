/** The user of Redis that docs/scaling.md describes. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { redis } from 'nestwire/redis';
import type { Broker } from '../../../lib/channel/index.js';
import { readPage } from '../../docs/pages.js';
import { HISTORY } from '../heard.js';
import { RedisServer } from '../../support/redis-server.js';

const RULE = /^user (?<name>\S+) (?<words>on >(?<password>\S+) .*)$/m;

describe('a user of Redis as docs/scaling.md has it', () => {
  const { name, words, password } = RULE.exec(readPage('docs/scaling.md').text)!.groups!;
  let server: RedisServer;
  let broker: Broker;

  beforeAll(async () => {
    server = await RedisServer.start();
    await server.call('ACL', 'SETUSER', name!, ...words!.split(' '));
  });

  afterEach(() => broker.close());

  afterAll(() => server.stop());

  function openAs(prefix: string): Broker {
    const url = `redis://${name!}:${password!}@127.0.0.1:${server.port}`;
    return (broker = redis({ url, prefix, timeoutMs: 2_000, durability: 'always' }));
  }

  /** The first thing that a subscription is told. */
  const first = <T>(open: (tell: (value: T) => void) => { ready: Promise<void> }): Promise<[Promise<T>]> =>
    new Promise((resolve, reject) => {
      const told = new Promise<T>((tell) => void open(tell).ready.then(() => resolve([told]), reject));
    });

  it('publishes, reads, knows who is there, and writes to other nodes under its prefix', async () => {
    const own = openAs(name!);
    const [delivered] = await first<string>((tell) => own.subscribe('c', ({ body }) => tell(body)));
    const position = await own.publish('c', '"hello"', HISTORY, 'once');
    await own.publish('c', '"and"', HISTORY);
    const [letter] = await first<Uint8Array>((tell) => own.mailboxes!.open('box', tell));
    await own.presence!.enter('c', { key: 'anna', info: null }, 10);

    expect(await delivered).toBe('"hello"');
    expect((await own.history('c', position)).publications).toMatchObject([{ body: '"and"' }]);
    expect(await own.mailboxes!.post('box', Buffer.from('letter'))).toBe(1);
    expect(Buffer.from(await letter).toString()).toBe('letter');
    expect((await own.presence!.read('c')).people).toMatchObject([{ key: 'anna' }]);
    await own.presence!.leave('c', 'anna');
  });

  it('does nothing under the prefix of another tenant', async () => {
    const foreign = openAs('tenant-b');
    const refused = { code: 'BROKER_UNAVAILABLE' };

    await expect(foreign.publish('c', '1', HISTORY)).rejects.toMatchObject(refused);
    await expect(foreign.publish('c', '1', undefined)).rejects.toMatchObject(refused);
    await expect(foreign.mailboxes!.post('everyone', Buffer.from('x'))).rejects.toMatchObject(refused);
    await expect(foreign.presence!.read('c')).rejects.toMatchObject(refused);
    await expect(foreign.mailboxes!.open('everyone', () => undefined).ready).rejects.toMatchObject(refused);
  });
});
