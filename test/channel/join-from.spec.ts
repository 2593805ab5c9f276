import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Channel, Channels } from '../../lib/channel/index.js';
import { type Limits, ResumableSessions, resolveLimits } from '../../lib/session/index.js';
import type { MemoryTransport } from '../support/memory-transport.js';
import { openResumable } from '../support/resumable-client.js';
import { TestHost, openSession, settle } from '../support/test-session.js';
import { UnsteadyBroker } from '../support/unsteady-broker.js';

let broker: UnsteadyBroker;
let channels: Channels;
let channel: Channel;

beforeEach(() => {
  broker = new UnsteadyBroker();
  channels = new Channels(broker);
  channel = channels.channel('c', { history: { size: 10 } });
});

afterEach(async () => {
  broker.releaseReads();
  await broker.close();
});

function plain(limits: Partial<Limits> = {}): ReturnType<typeof openSession> {
  return openSession(new TestHost(), limits, channels.membership);
}

function resumable(
  limits: Partial<Limits> = {},
  host: TestHost = new TestHost(),
): ReturnType<typeof openResumable> {
  return openResumable(host, new ResumableSessions(resolveLimits(limits)), limits, channels.membership);
}

async function publish(...data: unknown[]): Promise<string[]> {
  const cursors: string[] = [];
  for (const item of data) {
    const { epoch, offset } = (await channel.publish(item))!;
    cursors.push(`1.${epoch}.${offset}`);
  }
  return cursors;
}

const dataOf = (client: { take: MemoryTransport['take'] }): unknown[] =>
  client.take().map(({ data }) => data);

describe('a session that joins without a word about the past', () => {
  it('learns nothing by it: a handler may return the promise', async () => {
    await publish(1);
    const { session, client } = plain();

    expect(await session.join(channel)).toBeUndefined();
    expect(client.take()).toEqual([]);
  });
});

describe('a plain session that joins with a cursor', () => {
  it('gets what came after it, then what follows, and nothing of ours', async () => {
    const [first] = await publish(1, 2, 3);
    const { session, client } = plain();
    const joined = await session.join(channel, { from: first });
    await publish(4, 5);

    expect(joined).toEqual({ recovered: true, cursor: first });
    expect(dataOf(client)).toEqual([2, 3, 4, 5]);
  });

  it('gets all of the history from the start', async () => {
    const cursors = await publish(1, 2);
    const { session, client } = plain();

    expect(await session.join(channel, { from: 'start' })).toEqual({
      recovered: true,
      cursor: cursors[0]!.replace(/1$/, '0'),
    });
    expect(dataOf(client)).toEqual([1, 2]);
  });

  it('loses and doubles nothing of what is published meanwhile', async () => {
    const [first] = await publish(1, 2);
    broker.holdReads();
    const { session, client } = plain();
    const joined = session.join(channel, { from: first });
    await publish(3, 4);
    broker.releaseReads();
    await publish(5);
    await joined;
    await publish(6);

    expect(dataOf(client)).toEqual([2, 3, 4, 5, 6]);
  });

  it.each([
    ['malformed', () => 'nonsense'],
    ['empty', () => ''],
    ['of a foreign epoch', () => '1.foreign.1'],
    ['older than the history', (cursor: string) => cursor.replace(/\d+$/, '1')],
    ['newer than the newest', (cursor: string) => cursor.replace(/\d+$/, '999')],
  ])('is told a gap when it is %s, and goes on from now', async (_, change) => {
    const cursors = await publish(...Array(12).keys());
    const last = cursors.at(-1)!;
    const { session, client } = plain();
    const joined = await session.join(channel, { from: change(last) });
    await publish('next');

    expect(joined).toEqual({ recovered: false, cursor: last });
    expect(client.take()).toEqual([
      { event: 'nestwire:gap', data: { channel: 'c', cursor: last, recovered: false } },
      expect.objectContaining({ data: 'next' }),
    ]);
  });

  it('is told a gap in a channel without history', async () => {
    const { session, client } = plain();

    expect(await session.join('none', { from: 'start' })).toEqual({ recovered: false });
    await channels.channel('none').publish(1);
    expect(dataOf(client)).toEqual([{ channel: 'none', recovered: false }, 1]);
  });

  it('gets the past as fast as it reads, and is not cut off for it', async () => {
    const large = 'x'.repeat(1000);
    const cursors = await publish(...Array.from({ length: 10 }, (_, i) => `${i}${large}`));
    const { session, client } = plain({ highWaterBytes: 2500, outboundBytes: 5000 });
    client.isStalled = true;
    const joined = session.join(channel, { from: cursors[0]! });
    await settle();
    expect(client.take()).toHaveLength(3);

    client.drain();
    await joined;
    expect(client.take()).toHaveLength(6);
    expect(client.closeFrame).toBeUndefined();
  });

  it('reads the history again when more was published meanwhile than may wait', async () => {
    channel = channels.channel('large', { history: { size: 100 } });
    const large = 'x'.repeat(100_000);
    const [first] = await publish('first', 'second');
    broker.holdReads();
    const { session, client } = plain();
    const joined = session.join(channel, { from: first });
    await publish(...Array.from({ length: 5 }, (_, i) => `${i}${large}`));
    broker.releaseReads();
    await joined;
    await publish('last');

    expect(dataOf(client).map((data) => (data as string).slice(0, 6))).toEqual([
      'second',
      ...Array.from({ length: 5 }, (_, i) => `${i}xxxxx`),
      'last',
    ]);
  });

  it('gets nothing twice that arrives later than the history that has it was read', async () => {
    const { session, client } = plain();
    broker.holdDeliveries();
    const joined = session.join(channel, { from: 'start' });
    await publish(1, 2);
    await joined;
    broker.releaseDeliveries();
    await publish(3);

    expect(dataOf(client)).toEqual([1, 2, 3]);
    expect(broker.reads).toBe(1);
  });

  it('loses nothing of what got lost on its way right after the history was read', async () => {
    const { session, client } = plain();
    await session.join(channel, { from: 'start' });
    broker.loses = ({ body }) => body === '1';
    await publish(1, 2);
    await settle();
    await publish(3);

    expect(dataOf(client)).toEqual([1, 2, 3]);
  });

  it('loses nothing of what got lost on its way while the history was read', async () => {
    await publish(1);
    broker.loses = ({ body }) => body === '2';
    const { session, client } = plain();
    const read = broker.history.bind(broker);
    let isFirst = true;
    broker.history = async (name, after) => {
      const replay = await read(name, after);
      if (isFirst) {
        isFirst = false;
        await publish(2, 3, 4); // too late for this read
      }
      return replay;
    };
    await session.join(channel, { from: 'start' });
    await publish(5);

    expect(dataOf(client)).toEqual([1, 2, 3, 4, 5]);
  });

  it('goes on with a gap when what got lost cannot be read', async () => {
    const { session, client } = plain();
    await session.join(channel, { from: 'start' });
    broker.loses = ({ body }) => body === '1';
    broker.history = () => Promise.reject(new Error('down'));
    await publish(1, 2);
    await settle();
    await publish(3);

    expect(client.take().map(({ event, data }) => (event === 'message' ? data : event))).toEqual([
      'nestwire:gap',
      3,
    ]);
  });

  it('gets nothing more when it leaves in the middle', async () => {
    const [first] = await publish(1, 2);
    broker.holdReads();
    const { session, client } = plain();
    const joined = session.join(channel, { from: first });
    session.leave(channel);
    broker.releaseReads();
    await joined;
    await publish(3);

    expect(client.take()).toEqual([]);
  });

  it('need not wait for ever when its client leaves in the middle', async () => {
    const [first] = await publish(...Array.from({ length: 5 }, () => 'x'.repeat(1000)));
    const { session, client } = plain({ highWaterBytes: 1500 });
    client.isStalled = true;
    const joined = session.join(channel, { from: first });
    await settle();
    client.disconnect(1006, '', false);

    expect(await joined).toEqual({ recovered: true, cursor: first });
    expect(client.take().length).toBeLessThan(4);
  });

  it('is out again when the history cannot be read', async () => {
    const { session, client } = plain();
    broker.history = () => Promise.reject(new Error('down'));
    await expect(session.join(channel, { from: 'start' })).rejects.toThrow('down');
    await publish(1);

    expect(client.take()).toEqual([]);
  });
});

describe('a join that fails late', () => {
  const sayNothing = (): void => undefined;
  const fail: { now: () => void } = { now: sayNothing };

  /** The next read fails when `fail.now` is called. */
  function failNextRead(): void {
    const failing = new Promise<never>((_, reject) => (fail.now = () => reject(new Error('down'))));
    jest.spyOn(broker, 'history').mockReturnValueOnce(failing);
  }

  it('does not end the next one of the same session', async () => {
    const { session, client } = plain();
    failNextRead();
    const first = session.join(channel, { from: 'start' });
    await settle();
    session.leave(channel);
    const second = session.join(channel, { from: 'start' });
    fail.now();
    await expect(first).rejects.toThrow('down');
    await second;
    await publish(1);

    expect(dataOf(client)).toEqual([1]);
    session.leave(channel);
    await publish(2);
    expect(dataOf(client)).toEqual([]);
  });

  it('does not end the one by which its client comes back', async () => {
    const { session, client } = resumable();
    await session.join(channel);
    const [cursor] = await publish(1);
    client.take();
    failNextRead();
    for (let i = 0; i < 2; i++) {
      client.breakOff();
      client.comeBack();
      client.resume(0, { c: cursor! });
      await settle();
    }
    fail.now();
    await settle();
    await publish(2);

    expect(dataOf(client)).toContainEqual(2);
  });

  it('sends nothing twice, but tells a gap, when a part was sent already', async () => {
    const large = 'x'.repeat(300_000); // more than may wait, so that the history is read once more
    const [first] = await publish('first', 'second');
    const replay = await broker.history('c', { epoch: first!.split('.')[1]!, offset: 1 });
    let lost: string | undefined;
    jest
      .spyOn(broker, 'history')
      .mockImplementationOnce(async () => {
        [lost] = await publish(large);
        return replay;
      })
      .mockRejectedValueOnce(new Error('down'));
    const { session, client } = plain();
    const joined = session.join(channel, { from: first! });
    expect(await joined).toEqual({ recovered: true, cursor: first });
    await publish('last');

    expect(client.take().map(({ event, data }) => (event === 'message' ? data : { event, data }))).toEqual([
      'second',
      { event: 'nestwire:gap', data: { channel: 'c', cursor: lost, recovered: false } },
      'last',
    ]);
  });
});

describe('a resumable session', () => {
  it('is told where it stands when it joins a channel with history', async () => {
    const [cursor] = await publish(1);
    const { session, client } = resumable();
    await Promise.all([session.join(channel), session.join('none')]);
    await publish(2);

    expect(client.take()).toEqual([
      { event: 'nestwire:joined', data: { channel: 'c', cursor } },
      expect.objectContaining({ data: 2 }),
    ]);
  });

  it('stands before the first publication that comes while that is found out', async () => {
    const [cursor] = await publish(1);
    broker.holdReads();
    const { session, client } = resumable();
    const joined = session.join(channel);
    await publish(2);
    broker.releaseReads();
    await joined;

    expect(client.take()).toEqual([
      { event: 'nestwire:joined', data: { channel: 'c', cursor } },
      expect.objectContaining({ data: 2 }),
    ]);
  });

  it('goes on after the cursors that its client names', async () => {
    const { session, client } = resumable();
    await session.join(channel);
    const [, second] = await publish(1, 2, 3);
    client.breakOff();
    await publish(4);
    client.comeBack();
    client.resume(0, { c: second! });
    await settle();
    await publish(5);

    expect(client.take()).toEqual([
      { event: 'nestwire:joined', data: { channel: 'c', cursor: second, recovered: true } },
      ...[3, 4, 5].map((data) => expect.objectContaining({ data, channel: 'c' })),
    ]);
  });

  it('goes on where it joined when its client heard nothing of the channel', async () => {
    const { session, client } = resumable();
    client.breakOff();
    void session.join(channel);
    await settle();
    await publish(1, 2);
    client.comeBack();
    client.resume(0);
    await settle();

    expect(dataOf(client).slice(1)).toEqual([1, 2]);
  });

  it('is told a gap by every channel whose publications are not kept', async () => {
    const { session, client } = resumable();
    await session.join('none');
    client.breakOff();
    client.comeBack();
    client.resume(0);
    await settle();

    expect(client.take()).toEqual([{ event: 'nestwire:gap', data: { channel: 'none', recovered: false } }]);
  });

  it('comes back into a channel whose history could not be read, and the application hears of it', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
    const host = new TestHost();
    const { session, client } = resumable({}, host);
    await session.join(channel);
    const [cursor] = await publish(1);
    client.take();
    client.breakOff();
    const down = jest.spyOn(broker, 'history').mockRejectedValue(new Error('down'));
    client.comeBack();
    client.resume(0, { c: cursor! });
    await settle();
    await publish(2);
    expect(client.take()).toEqual([]);
    expect(host.reports).toEqual([new Error('down')]);

    down.mockRestore();
    await jest.advanceTimersByTimeAsync(500);
    await settle();
    jest.useRealTimers();
    expect(dataOf(client).slice(1)).toEqual([2]);
  });

  it('uses a cursor of its client at a later join, once, and rather than that of the application', async () => {
    const { session, client } = resumable();
    const [first] = await publish(1, 2);
    client.breakOff();
    client.comeBack();
    client.resume(0, { c: first! });
    await session.join(channel, { from: 'start' });
    expect(dataOf(client).slice(1)).toEqual([2]);

    session.leave(channel);
    await session.join(channel, { from: 'start' });
    expect(dataOf(client).slice(1)).toEqual([1, 2]);
  });

  it('finds nothing twice that an outlet held back when the connection broke off', async () => {
    const latest = channels.channel('latest', { history: {}, overflow: 'latest' });
    const { session, client } = resumable({ highWaterBytes: 50 });
    await session.join(latest);
    client.transport.isStalled = true;
    for (let i = 1; i <= 5; i++) await latest.publish(i);
    const before = client.take().filter(({ event }) => event === 'message');
    client.breakOff();
    client.comeBack();
    client.resume(0, { latest: before.at(-1)!['cursor'] as string });
    await settle();
    client.transport.drain();
    await settle();

    const after = dataOf(client).slice(1);
    expect([...before.map(({ data }) => data), ...after]).toEqual([1, 2, 3, 4, 5]);
  });

  it('costs no more when most of a thousand bring cursors that are of no use', async () => {
    await publish(...Array(20).keys());
    const { epoch } = (await channel.publish('last'))!;
    const sessions = Array.from({ length: 1000 }, () => plain());
    broker.reads = 0;
    const joined = sessions.map(({ session }, i) =>
      session.join(channel, { from: [`1.${epoch}.${i % 21}`, `1.foreign.${i}`, 'nonsense'][i % 3]! }),
    );
    const recovered = (await Promise.all(joined)).filter((result) => result.recovered);

    expect(broker.reads).toBeLessThanOrEqual(3);
    expect(recovered.length).toBe(
      Array.from({ length: 1000 }, (_, i) => i).filter((i) => i % 3 === 0 && i % 21 >= 11).length,
    );
  });

  it('costs one read of the history with all others that come back at the same time', async () => {
    const members = Array.from({ length: 100 }, () => resumable());
    await Promise.all(members.map(({ session }) => session.join(channel)));
    const cursors = await publish(...Array(8).keys());
    for (const { client } of members) client.breakOff();
    broker.reads = 0;
    members.forEach(({ client }, i) => {
      client.comeBack();
      client.resume(0, { c: cursors[i % 8]! });
    });
    await settle();

    expect(broker.reads).toBeLessThanOrEqual(3);
    members.forEach(({ client }, i) => {
      const published = client.take().filter(({ event }) => event === 'message');
      expect(published.map(({ data }) => data)).toEqual([...Array(8).keys()].slice((i % 8) + 1));
    });
  });
});
