import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { BrokerUnavailableError, Tickets } from 'nestwire';
import { MemoryBroker } from '../../../lib/broker/memory/index.js';
import { Kind, readLetter, writeLetter } from '../../../lib/nest/cluster/letter.js';
import { ClusterNode } from '../../../lib/nest/cluster/cluster-node.js';

const ann = { user: { id: 7, name: 'Ann' } };
const admitted = { user: ann.user, principal: '7', expiresAt: undefined };

describe('a ticket of another node', () => {
  let broker: MemoryBroker;
  let posted: { to: string; text: string }[];
  let here: Tickets;
  let there: Tickets;

  beforeEach(() => {
    broker = new MemoryBroker();
    posted = [];
    const { mailboxes } = broker;
    const post = mailboxes.post.bind(mailboxes);
    jest.spyOn(mailboxes, 'post').mockImplementation((to, letter) => {
      posted.push({ to, text: Buffer.from(letter).toString('latin1') });
      return post(to, letter);
    });
    [here, there] = [
      new Tickets({}, new ClusterNode(mailboxes)),
      new Tickets({}, new ClusterNode(mailboxes)),
    ];
  });

  afterEach(async () => {
    jest.useRealTimers();
    await broker.close();
  });

  it('admits whom it was issued for, once, wherever that is tried first', async () => {
    const [one, two] = [there.issue(ann), there.issue(ann)];

    expect(one).toMatch(/^[\w-]{12}~[\w-]{43}$/);
    expect(await here.redeem(one)).toEqual(admitted);
    expect(await there.redeem(one)).toBeUndefined();
    expect(await there.redeem(two)).toEqual(admitted);
    expect(await here.redeem(two)).toBeUndefined();
  });

  it('admits once when it is tried on both at the same time', async () => {
    const ticket = there.issue(ann);
    const outcomes = await Promise.all([here, there, here, there].map((tickets) => tickets.redeem(ticket)));

    expect(outcomes.filter((identity) => identity !== undefined)).toEqual([admitted]);
  });

  it('is not told to anybody on its way', async () => {
    const ticket = there.issue(ann);
    await here.redeem(ticket);

    expect(posted.length).toBeGreaterThan(0);
    expect(posted.filter(({ text }) => text.includes(ticket.split('~')[1]!))).toEqual([]);
  });

  it('is asked for only if it looks like one', async () => {
    const node = 'n'.repeat(12);
    const secret = 'a'.repeat(43);
    for (const guess of [
      `${node}~`,
      `${node}~${secret}~`,
      `everyone~${secret}`,
      `${node}~${'a'.repeat(44)}`,
    ]) {
      expect(await here.redeem(guess)).toBeUndefined();
    }

    expect(posted).toEqual([]);
  });

  it('of a node that is gone, or frozen, admits nobody', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] });
    const [gone, frozen] = ['gone-gone-12', 'frozen-node0'];
    broker.mailboxes.open(frozen, () => undefined);
    const redeemed = [gone, frozen].map((node) => here.redeem(`${node}~${'a'.repeat(43)}`));
    await jest.advanceTimersByTimeAsync(3_100);

    expect(await Promise.all(redeemed)).toEqual([undefined, undefined]);
    expect(posted.map(({ to }) => to)).toEqual([gone, frozen, gone]);
  });

  it('of a node that can’t be asked is an error that says so', async () => {
    jest
      .spyOn(broker.mailboxes, 'post')
      .mockRejectedValue(new BrokerUnavailableError('Redis is not available'));

    await expect(here.redeem(there.issue(ann))).rejects.toMatchObject({ statusCode: 503 });
  });

  it('waits a moment for a node that is just coming', async () => {
    const late = new ClusterNode(broker.mailboxes);
    const tickets = new Tickets({}, late);
    jest.spyOn(late, 'open').mockResolvedValueOnce();
    const ticket = tickets.issue(ann);
    const redeemed = here.redeem(ticket);
    await turn();
    await late.open();

    expect(await redeemed).toEqual(admitted);
  });

  it('of someone who can’t be told in JSON is an error, and harms neither node', async () => {
    const circular: Record<string, unknown> = { id: 1 };
    circular['self'] = circular;
    const large = { id: 1, text: 'x'.repeat(600_000) };
    for (const user of [circular, large, { id: 1, n: 1n }]) {
      await expect(here.redeem(there.issue({ user }))).rejects.toMatchObject({ code: 'NODE_CALL_FAILED' });
    }

    expect(await here.redeem(there.issue(ann))).toEqual(admitted);
  });

  it.each([[null], ['ann'], [7], [[]], [{ user: {} }], [{ principal: 'a', expiresAt: 'soon' }]])(
    'admits nobody by the answer %j',
    async (value) => {
      const node = 'strange-node';
      broker.mailboxes.open(node, (letter) => {
        const { from, id } = readLetter(letter)!;
        const body = Buffer.from(JSON.stringify({ value }));
        void broker.mailboxes.post(from, writeLetter({ kind: Kind.answer, from: node, id, number: 0, body }));
      });
      const outcome = await here.redeem(`${node}~${'a'.repeat(43)}`).catch((error: unknown) => error);

      expect(outcome ?? { code: 'INVALID_IDENTITY' }).toMatchObject({ code: 'INVALID_IDENTITY' });
    },
  );
});
