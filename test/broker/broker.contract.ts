import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Broker, BrokerPublication, HistoryBounds, Position } from '../../lib/channel/index.js';

/** One broker, and a way to let its clock run. */
export interface BrokerUnderTest {
  readonly broker: Broker;
  /** Lets `ms` pass. */
  readonly advance: (ms: number) => Promise<void>;
}

const LARGE: HistoryBounds = { size: 1000, bytes: 1_000_000, ageMs: Number.POSITIVE_INFINITY };

/** What every broker promises: the comments of `lib/channel/broker.ts`, one by one. */
export function describeBroker(name: string, create: () => Promise<BrokerUnderTest>): void {
  describe(`${name} as a broker`, () => {
    let broker: Broker;
    let advance: BrokerUnderTest['advance'];

    beforeEach(async () => {
      ({ broker, advance } = await create());
    });

    afterEach(async () => {
      await broker.close();
    });

    async function publishAll(count: number, bounds: HistoryBounds): Promise<Position[]> {
      const positions: Position[] = [];
      for (let i = 1; i <= count; i++) positions.push((await broker.publish('c', `"${i}"`, bounds))!);
      return positions;
    }

    const bodies = (publications: readonly BrokerPublication[]): string[] =>
      publications.map(({ body }) => body);

    async function subscribe(channel: string): Promise<{ got: BrokerPublication[]; close(): void }> {
      const got: BrokerPublication[] = [];
      const subscription = broker.subscribe(channel, (publication) => got.push(publication));
      await subscription.ready;
      return { got, close: () => subscription.close() };
    }

    /** Until `count` came; a broker may deliver after it acknowledged. */
    async function arrived(got: unknown[], count: number): Promise<void> {
      while (got.length < count) await turn();
    }

    describe('publishing', () => {
      it('counts the offsets of a channel with history from 1, under one epoch', async () => {
        const positions = await publishAll(3, LARGE);

        expect(positions.map(({ offset }) => offset)).toEqual([1, 2, 3]);
        expect(new Set(positions.map(({ epoch }) => epoch)).size).toBe(1);
      });

      it('gives every channel an epoch of its own', async () => {
        const a = await broker.publish('a', '1', LARGE);
        const b = await broker.publish('b', '1', LARGE);

        expect(a!.epoch).not.toBe(b!.epoch);
        expect(a!.epoch).toMatch(/^[A-Za-z0-9_-]{8,40}$/);
      });

      it('gives no position without history, and keeps nothing', async () => {
        expect(await broker.publish('c', '1', undefined)).toBeUndefined();
        expect((await broker.history('c', undefined)).publications).toEqual([]);
      });
    });

    describe('publishing with an id', () => {
      it('that is in the history does nothing, and tells where the earlier one stands', async () => {
        const { got } = await subscribe('c');
        const first = await broker.publish('c', '"1"', LARGE, 'id:1');
        const second = await broker.publish('c', '"2"', LARGE, 'ü,:');
        expect(await broker.publish('c', '"again"', LARGE, 'id:1')).toEqual(first);
        expect(await broker.publish('c', '"again"', LARGE, 'ü,:')).toEqual(second);
        await broker.publish('other', '"3"', LARGE, 'id:1');
        await broker.publish('c', '"last"', LARGE);

        await arrived(got, 3);
        expect(bodies(got)).toEqual(['"1"', '"2"', '"last"']);
        expect(bodies((await broker.history('c', undefined)).publications)).toEqual(bodies(got));
      });

      it('that is no more in the history publishes', async () => {
        const bounds = { ...LARGE, size: 2 };
        for (const id of ['a', 'b', 'c', 'a']) await broker.publish('c', `"${id}"`, bounds, id);

        const { publications, position } = await broker.history('c', undefined);
        expect(bodies(publications)).toEqual(['"c"', '"a"']);
        expect(position.offset).toBe(4);
      });
    });

    describe('delivering', () => {
      it('reaches every subscriber once, in order, with body and position', async () => {
        const [first, second] = [await subscribe('c'), await subscribe('c')];
        const positions = await publishAll(3, LARGE);

        await arrived(first.got, 3);
        await arrived(second.got, 3);
        expect(first.got).toEqual(positions.map((position, i) => ({ body: `"${i + 1}"`, position })));
        expect(second.got).toEqual(first.got);
      });

      it('also reaches subscribers without history', async () => {
        const { got } = await subscribe('c');
        await broker.publish('c', '"x"', undefined);

        await arrived(got, 1);
        expect(got).toEqual([{ body: '"x"', position: undefined }]);
      });

      it('keeps channels apart, whatever their names', async () => {
        const names = ['__proto__', 'a*', 'a', 'a?', '{a}', 'ü', 'a b', 'x'.repeat(255)];
        const subscribers = await Promise.all(names.map((name) => subscribe(name)));
        for (const name of names) await broker.publish(name, JSON.stringify(name), undefined);

        for (const [i, { got }] of subscribers.entries()) {
          await arrived(got, 1);
          expect(bodies(got)).toEqual([JSON.stringify(names[i])]);
        }
      });

      it('ends for one subscription, not for the other of the same channel', async () => {
        const [first, second] = [await subscribe('c'), await subscribe('c')];
        first.close();
        first.close();
        await broker.publish('c', '1', undefined);

        await arrived(second.got, 1);
        expect(first.got).toEqual([]);
      });

      it('begins again for who subscribes again', async () => {
        (await subscribe('c')).close();
        const { got } = await subscribe('c');
        await broker.publish('c', '1', undefined);

        await arrived(got, 1);
      });

      it('finishes one publication before the next, although a subscriber publishes in between', async () => {
        const order: string[] = [];
        const first = broker.subscribe('c', ({ body }) => {
          order.push(`first ${body}`);
          if (body === '1') void broker.publish('c', '2', LARGE);
        });
        const second = broker.subscribe('c', ({ body }) => order.push(`second ${body}`));
        await Promise.all([first.ready, second.ready]);
        await broker.publish('c', '1', LARGE);

        await arrived(order, 4);
        expect(order).toEqual(['first 1', 'second 1', 'first 2', 'second 2']);
      });
    });

    describe('history', () => {
      it('is all there from the start', async () => {
        const positions = await publishAll(3, LARGE);
        const replay = await broker.history('c', undefined);

        expect(replay.recovered).toBe(true);
        expect(bodies(replay.publications)).toEqual(['"1"', '"2"', '"3"']);
        expect(replay.publications.map(({ position }) => position)).toEqual(positions);
        expect(replay.position).toEqual(positions[2]);
      });

      it('goes on after a position', async () => {
        const positions = await publishAll(3, LARGE);

        expect(bodies((await broker.history('c', positions[0])).publications)).toEqual(['"2"', '"3"']);
        expect(await broker.history('c', positions[2])).toMatchObject({ recovered: true, publications: [] });
      });

      it('of a channel where nothing was published is empty, and can be resumed', async () => {
        const { recovered, publications, position } = await broker.history('c', undefined);
        expect({ recovered, publications, offset: position.offset }).toEqual({
          recovered: true,
          publications: [],
          offset: 0,
        });

        await publishAll(2, LARGE);
        expect(bodies((await broker.history('c', position)).publications)).toEqual(['"1"', '"2"']);
      });

      it.each<[string, Partial<HistoryBounds>]>([
        ['count', { size: 2 }],
        ['bytes', { bytes: 7 }],
      ])('is bounded by %s, and refuses what it no longer reaches back to', async (_, bound) => {
        const positions = await publishAll(5, { ...LARGE, ...bound });

        expect(bodies((await broker.history('c', undefined)).publications)).toEqual(['"4"', '"5"']);
        expect(bodies((await broker.history('c', positions[2])).publications)).toEqual(['"4"', '"5"']);
        expect(await broker.history('c', positions[1])).toEqual({
          recovered: false,
          publications: [],
          position: positions[4],
        });
      });

      it('keeps the newest publication although it alone has too many bytes', async () => {
        await publishAll(2, { ...LARGE, bytes: 1 });

        expect(bodies((await broker.history('c', undefined)).publications)).toEqual(['"2"']);
      });

      it('is bounded by age', async () => {
        // far apart: where the clock is real, a busy machine may let much more time pass
        const [first] = await publishAll(1, { ...LARGE, ageMs: 2_000 });
        await advance(1_100);
        await broker.publish('c', '"young"', { ...LARGE, ageMs: 2_000 });
        await advance(1_100);

        expect(bodies((await broker.history('c', undefined)).publications)).toEqual(['"young"']);
        expect((await broker.history('c', first)).recovered).toBe(true);
        expect((await broker.history('c', { ...first!, offset: 0 })).recovered).toBe(false);
      });

      it('refuses a foreign epoch, and an offset that was never given out', async () => {
        const [, , last] = await publishAll(3, LARGE);

        expect((await broker.history('c', { epoch: 'foreign', offset: 1 })).recovered).toBe(false);
        expect((await broker.history('c', { ...last!, offset: 4 })).recovered).toBe(false);
      });

      it('and live delivery leave nothing out in between', async () => {
        const { got } = await subscribe('c');
        const publishing = publishAll(20, LARGE);
        const replay = await broker.history('c', undefined);
        await publishing;
        await arrived(got, 20);

        const missing = got.filter(({ position }) => position!.offset > replay.position.offset);
        expect([...bodies(replay.publications), ...bodies(missing)]).toEqual(bodies(got));
      });
    });

    describe('when it was closed', () => {
      it('rejects what is published, and delivers nothing', async () => {
        const { got } = await subscribe('c');
        await broker.close();

        await expect(broker.publish('c', '1', LARGE)).rejects.toMatchObject({ code: 'BROKER_CLOSED' });
        await expect(broker.history('c', undefined)).rejects.toMatchObject({ code: 'BROKER_CLOSED' });
        await expect(broker.subscribe('c', () => undefined).ready).rejects.toMatchObject({
          code: 'BROKER_CLOSED',
        });
        expect(got).toEqual([]);
      });
    });
  });
}
