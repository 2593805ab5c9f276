import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Broker, BrokerPresence, PresenceChange } from '../../lib/channel/index.js';

/** What every broker with presence promises: the comments of `lib/channel/presence/broker-presence.ts`. */
export function describePresence(name: string, create: () => Promise<Broker>): void {
  describe(`${name} as a broker of presence`, () => {
    let broker: Broker;
    let presence: BrokerPresence;

    beforeEach(async () => {
      broker = await create();
      presence = broker.presence!;
    });

    afterEach(() => broker.close());

    const anna = { key: 'anna', info: { name: 'Anna' } };
    const ben = { key: 'ben', info: null };

    async function watch(channel = 'c'): Promise<{ told: PresenceChange[]; close(): void }> {
      const told: PresenceChange[] = [];
      const subscription = presence.watch(
        channel,
        (change) => told.push(change),
        () => undefined,
      );
      await subscription.ready;
      return { told, close: () => subscription.close() };
    }

    async function until(isSo: () => boolean): Promise<void> {
      while (!isSo()) await turn();
    }

    const keys = async (channel = 'c'): Promise<string[]> =>
      (await presence.read(channel)).people.map(({ key }) => key).sort();

    it('lists who came and did not leave, once each', async () => {
      await presence.enter('c', anna, 10);
      await presence.enter('c', anna, 10);
      await presence.enter('c', ben, 10);
      await presence.enter('other', { key: 'carl', info: 1 }, 10);
      expect(await keys()).toEqual(['anna', 'ben']);
      expect((await presence.read('c')).people).toContainEqual(anna);

      await presence.leave('c', 'anna');
      await presence.leave('c', 'nobody');
      expect(await keys()).toEqual(['ben']);
      expect(await keys('never used')).toEqual([]);
    });

    it('tells each change once, in order, with the person', async () => {
      const { told } = await watch();
      await presence.enter('c', anna, 10);
      await presence.enter('c', { ...anna, info: 'another' }, 10);
      await presence.enter('c', ben, 10);
      await presence.leave('c', 'anna');
      await presence.enter('c', anna, 10);
      await until(() => told.length === 4);

      expect(told.map(({ type, person }) => [type, person])).toEqual([
        ['joined', anna],
        ['joined', ben],
        ['left', anna],
        ['joined', anna],
      ]);
    });

    it('counts changes by one, and says up to which one a list goes', async () => {
      await presence.enter('c', ben, 10);
      const { told } = await watch();
      await presence.enter('c', anna, 10);
      const { position } = await presence.read('c');
      await presence.leave('c', 'anna');
      await until(() => told.length === 2);

      expect(told.map((change) => change.position)).toEqual([
        position,
        { ...position, offset: position.offset + 1 },
      ]);
    });

    it('lists no more than were said, and the next one when there is a place', async () => {
      for (const key of ['a', 'b', 'c']) await presence.enter('c', { key, info: null }, 2);
      expect(await keys()).toEqual(['a', 'b']);
      await presence.leave('c', 'a');
      while ((await keys()).length < 2) await turn();
      expect(await keys()).toEqual(['b', 'c']);

      await presence.leave('c', 'c');
      expect(await keys()).toEqual(['b']);
    });

    it.each(['__proto__', 'a"b\\', ',x,', 'ü\n\u0000', 'm', 'x'.repeat(255)])(
      'takes the key %j',
      async (key) => {
        const { told } = await watch();
        await presence.enter('c', { key, info: [key] }, 10);
        await presence.leave('c', key);
        await until(() => told.length === 2);

        expect(told.map(({ person }) => person)).toEqual(Array(2).fill({ key, info: [key] }));
        expect(await keys()).toEqual([]);
      },
    );

    it('tells nothing after a watch was closed, and everything to the other', async () => {
      const [closed, open] = [await watch(), await watch()];
      closed.close();
      closed.close();
      await presence.enter('c', anna, 10);
      await until(() => open.told.length === 1);

      expect(closed.told).toEqual([]);
    });

    it('rejects to read when it was closed', async () => {
      await broker.close();
      await presence.enter('c', anna, 10);

      await expect(presence.read('c')).rejects.toMatchObject({ code: 'BROKER_CLOSED' });
    });
  });
}
