import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Broker, Mailboxes } from '../../lib/channel/index.js';

const bytes = (text: string): Buffer => Buffer.from(text);

/** What every broker with mailboxes promises: the comments of `lib/channel/mailboxes.ts`, one by one. */
export function describeMailboxes(name: string, create: () => Broker): void {
  describe(`the mailboxes of ${name}`, () => {
    let broker: Broker;
    let mailboxes: Mailboxes;

    beforeEach(() => {
      broker = create();
      mailboxes = broker.mailboxes!;
    });

    afterEach(() => broker.close());

    async function open(box: string): Promise<{ got: string[]; close: () => void }> {
      const got: string[] = [];
      const subscription = mailboxes.open(box, (letter) => got.push(Buffer.from(letter).toString('latin1')));
      await subscription.ready;
      return { got, close: () => subscription.close() };
    }

    async function arrived(got: unknown[], count: number): Promise<void> {
      while (got.length < count) await turn();
    }

    it('get what is posted to them, in order, and nothing else', async () => {
      const [mine, other] = [await open('mine'), await open('other')];
      const posts = Array.from({ length: 50 }, (_, i) => mailboxes.post('mine', bytes(`${i}`)));

      expect(new Set(await Promise.all(posts))).toEqual(new Set([1]));
      await arrived(mine.got, 50);
      expect(mine.got).toEqual(Array.from({ length: 50 }, (_, i) => `${i}`));
      expect(other.got).toEqual([]);
    });

    it('carry any bytes', async () => {
      const { got } = await open('binary');
      const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
      await mailboxes.post('binary', all);
      await mailboxes.post('binary', new Uint8Array(0));

      await arrived(got, 2);
      expect(got).toEqual([all.toString('latin1'), '']);
    });

    it('get all that is posted to their name, which several may have', async () => {
      const [first, second] = [await open('all'), await open('all')];
      await mailboxes.post('all', bytes('x'));
      await Promise.all([arrived(first.got, 1), arrived(second.got, 1)]);
      first.close();
      await mailboxes.post('all', bytes('y'));

      await arrived(second.got, 2);
      expect([first.got, second.got]).toEqual([['x'], ['x', 'y']]);
    });

    it('are known to be nobody’s before they are open, and once they are closed', async () => {
      expect(await mailboxes.post('late', bytes('x'))).toBe(0);
      const { close } = await open('late');
      expect(await mailboxes.post('late', bytes('y'))).toBe(1);
      close();
      close();

      await expect(settled(() => mailboxes.post('late', bytes('z')), 0)).resolves.toBe(0);
    });

    it('are all closed with their broker', async () => {
      const { got } = await open('mine');
      await broker.close();

      await expect(mailboxes.post('mine', bytes('x'))).rejects.toMatchObject({ code: 'BROKER_CLOSED' });
      await expect(mailboxes.open('mine', () => undefined).ready).rejects.toMatchObject({
        code: 'BROKER_CLOSED',
      });
      expect(got).toEqual([]);
    });
  });
}

/** Until the engine has heard of a close: it is not waited for. */
async function settled(ask: () => Promise<number>, wanted: number): Promise<number> {
  let answer = await ask();
  while (answer !== wanted) answer = await ask();
  return answer;
}
