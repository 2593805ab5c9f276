import { describe, expect, it, jest } from '@jest/globals';
import { MemoryBroker } from '../../lib/broker/memory/index.js';
import {
  ChannelConflictError,
  ChannelGapError,
  Channels,
  InvalidChannelOptionsError,
  type Publication,
} from '../../lib/channel/index.js';
import { TestHost, openSession, settle } from '../support/test-session.js';

function create(): { channels: Channels; broker: MemoryBroker } {
  const broker = new MemoryBroker();
  return { channels: new Channels(broker), broker };
}

describe('publishing with an id', () => {
  it('does it once', async () => {
    const channel = create().channels.channel('c', { history: {} });
    const position = await channel.publish('one', { id: 'a' });
    expect(await channel.publish('one', { id: 'a' })).toEqual(position);

    expect((await channel.history()).map(({ data }) => data)).toEqual(['one']);
  });

  it.each(['', 'x'.repeat(65)])('refuses the id "%s", and any without a history', async (id) => {
    const { channels } = create();
    await expect(channels.channel('c', { history: {} }).publish(1, { id })).rejects.toThrow('1 to 64 bytes');
    await expect(channels.channel('d').publish(1, { id: 'a' })).rejects.toThrow('keeps no history');
  });
});

describe('declaring a channel', () => {
  it('may be done again in the same words', () => {
    const { channels } = create();
    channels.channel('c', { event: 'said', history: { size: 5 } });

    expect(() => channels.channel('c', { history: { size: 5 }, event: 'said' })).not.toThrow();
    expect(() => channels.channel('c')).not.toThrow();
  });

  it.each([{}, { event: 'said' }, { event: 'said', history: { size: 6 } }, { overflow: 'latest' as const }])(
    'cannot be done again differently: %j',
    (other) => {
      const { channels } = create();
      channels.channel('c', { event: 'said', history: { size: 5 } });

      expect(() => channels.channel('c', other)).toThrow(ChannelConflictError);
    },
  );

  it('takes effect on a channel that was joined before', async () => {
    const { channels } = create();
    const { session, client } = openSession(new TestHost(), {}, channels.membership);
    await session.join('c');
    await channels.channel('c', { event: 'said' }).publish(1);

    expect(client.messages).toEqual([{ event: 'said', data: 1, channel: 'c' }]);
  });

  it.each([{ size: 0 }, { bytes: -1 }, { ageMs: Number.NaN }])('refuses the history %j', (history) => {
    expect(() => create().channels.channel('c', { history })).toThrow(InvalidChannelOptionsError);
  });

  it('refuses an event of the library', () => {
    expect(() => create().channels.channel('c', { event: 'nestwire:gap' })).toThrow(
      InvalidChannelOptionsError,
    );
  });

  it.each(['', 'x'.repeat(256), 7 as unknown as string])('refuses the name "%s"', (name) => {
    expect(() => create().channels.channel(name)).toThrow(
      expect.objectContaining({ code: 'INVALID_CHANNEL_NAME' }),
    );
  });
});

describe('the memory of names', () => {
  const remembered = (channels: Channels): number => channels['local'].size;

  it('does not grow by names that were only asked for, or published to', async () => {
    const { channels } = create();
    for (let i = 0; i < 100; i++) await channels.channel(`c${i}`).publish(1);

    expect(remembered(channels)).toBe(0);
  });

  it('has a channel as long as somebody joined or observes', async () => {
    const { channels } = create();
    const { session } = openSession(new TestHost(), {}, channels.membership);
    await session.join('joined');
    const subscription = channels.channel('observed').observe().subscribe();
    expect(remembered(channels)).toBe(2);

    session.leave('joined');
    subscription.unsubscribe();
    expect(remembered(channels)).toBe(0);
  });

  it('has what was declared, the last ten thousand', () => {
    const { channels } = create();
    for (let i = 0; i < 10_010; i++) channels.channel(`c${i}`, { event: 'said' });

    expect(remembered(channels)).toBe(10_000);
    expect(() => channels.channel('c10', { event: 'other' })).toThrow(ChannelConflictError);
    expect(() => channels.channel('c9', { event: 'other' })).not.toThrow();
  });

  it('forgets no declared channel that somebody is in', async () => {
    const { channels } = create();
    const { session, client } = openSession(new TestHost(), {}, channels.membership);
    await session.join(channels.channel('c', { event: 'said' }));
    for (let i = 0; i < 10_010; i++) channels.channel(`c${i}`, { event: 'said' });
    await channels.channel('c').publish(1);

    expect(client.messages).toEqual([{ event: 'said', data: 1, channel: 'c' }]);
  });

  it('declares again what a Channel still in use had declared', async () => {
    const { channels } = create();
    const channel = channels.channel('c', { event: 'said', history: {} });
    for (let i = 0; i < 10_010; i++) channels.channel(`c${i}`, { event: 'said' });
    expect(await channels.channel('c').publish(1)).toBeUndefined();
    const position = await channel.publish(2);

    expect(position).toMatchObject({ offset: 1 });
    expect(await channels.channel('c').publish(3)).toMatchObject({ offset: 2 });
  });

  it('lets all who have the same channel reach each other, whoever was first', async () => {
    const { channels } = create();
    const [first, second] = [channels.channel<number>('c'), channels.channel<number>('c')];
    await first.publish(0);
    await second.publish(0);
    const got: number[] = [];
    const subscription = second.observe().subscribe((data) => got.push(data));
    await first.publish(1);
    await second.publish(2);
    subscription.unsubscribe();
    first.observe().subscribe((data) => got.push(data));
    await second.publish(3);

    expect(got).toEqual([1, 2, 3]);
  });
});

describe('a session that joined', () => {
  it('gets publications in the envelope, with a cursor where there is a history', async () => {
    const { channels } = create();
    const { session, client } = openSession(new TestHost(), {}, channels.membership);
    const kept = channels.channel<string>('kept', { history: {} });
    await Promise.all([session.join(kept), session.join('plain')]);

    const position = await kept.publish('a');
    await channels.channel('plain').publish({ b: 1 });

    expect(client.messages).toEqual([
      { event: 'message', data: 'a', channel: 'kept', cursor: `1.${position!.epoch}.1` },
      { event: 'message', data: { b: 1 }, channel: 'plain' },
    ]);
  });

  it('need not wait: it gets what is published in the same tick', () => {
    const { channels } = create();
    const { session, client } = openSession(new TestHost(), {}, channels.membership);
    void session.join('c');
    void channels.channel('c').publish(1);

    expect(client.messages).toHaveLength(1);
  });

  it('gets each publication once, though it joined twice or left and came back', async () => {
    const { channels } = create();
    const { session, client } = openSession(new TestHost(), {}, channels.membership);
    await session.join('c');
    await session.join('c');
    session.leave('c');
    await session.join('c');
    await channels.channel('c').publish(1);

    expect(client.messages).toHaveLength(1);
  });

  it('gets nothing after it left, or ended', async () => {
    const { channels } = create();
    const left = openSession(new TestHost(), {}, channels.membership);
    const ended = openSession(new TestHost(), {}, channels.membership);
    await Promise.all([left.session.join('c'), ended.session.join('c')]);
    left.session.leave('c');
    ended.client.disconnect();
    await channels.channel('c').publish(1);

    expect([...left.client.messages, ...ended.client.messages]).toEqual([]);
  });

  it('shares one encoded message with all the others', async () => {
    const { channels } = create();
    const clients = [1, 2, 3].map(() => {
      const { session, client } = openSession(new TestHost(), {}, channels.membership);
      void session.join('c');
      return client;
    });
    await channels.channel('c').publish(1);

    expect(new Set(clients.map(({ sent }) => sent[0])).size).toBe(1);
  });

  it('is subscribed at the broker once for all, while there is one of them', async () => {
    const { channels, broker } = create();
    const subscribe = jest.spyOn(broker, 'subscribe');
    const sessions = [1, 2].map(() => openSession(new TestHost(), {}, channels.membership).session);
    await Promise.all(sessions.map((session) => session.join('c')));
    expect(subscribe).toHaveBeenCalledTimes(1);

    for (const session of sessions) session.leave('c');
    await sessions[0]!.join('c');
    expect(subscribe).toHaveBeenCalledTimes(2);
  });

  it('may be in as many channels as the limit says', async () => {
    const { channels } = create();
    const { session } = openSession(new TestHost(), { channels: 2 }, channels.membership);
    await Promise.all([session.join('a'), session.join('b'), session.join('b')]);

    expect(() => session.join('c')).toThrow('2 channels');
    session.leave('a');
    expect(() => session.join('c')).not.toThrow();
  });

  it('leaves a channel that declares "error" when it is too slow, and is told', async () => {
    const { channels } = create();
    const { session, client } = openSession(new TestHost(), { outboundBytes: 100 }, channels.membership);
    const channel = channels.channel('c', { overflow: 'error' });
    await session.join(channel);
    client.isStalled = true;
    for (let i = 0; i < 5; i++) await channel.publish('x'.repeat(60));

    const messages = client.messages;
    expect(messages.map(({ event }) => event)).toEqual(['message', 'exception']);
    expect(messages[1]).toMatchObject({ data: { code: 'TOO_SLOW' } });
    expect(client.closeFrame).toBeUndefined();
  });

  it('finds only the newest of a channel that declares "latest" when it catches up', async () => {
    const { channels } = create();
    const limits = { highWaterBytes: 100 };
    const { session, client } = openSession(new TestHost(), limits, channels.membership);
    const channel = channels.channel<number>('c', { overflow: 'latest' });
    await session.join(channel);
    client.isStalled = true;
    for (let i = 1; i <= 100; i++) await channel.publish(i);
    const before = client.take().length;
    client.drain();

    expect(before).toBeLessThan(5);
    expect(client.messages.map(({ data }) => data)).toEqual([100]);
  });
});

describe('observing a channel', () => {
  it('gives the data of what is published meanwhile', async () => {
    const { channels } = create();
    const channel = channels.channel<number>('c');
    await channel.publish(0);
    const got: number[] = [];
    const subscription = channel.observe().subscribe((data) => got.push(data));
    await channel.publish(1);
    subscription.unsubscribe();
    await channel.publish(2);

    expect(got).toEqual([1]);
  });

  it('replays from the start, then goes live, with nothing lost or doubled', async () => {
    const { channels } = create();
    const channel = channels.channel<number>('c', { history: {} });
    for (let i = 1; i <= 3; i++) await channel.publish(i);
    const got: number[] = [];
    channel.observe({ from: 'start' }).subscribe((data) => {
      got.push(data);
      if (data === 2) void channel.publish(5);
    });
    void channel.publish(4);
    await settle();
    void channel.publish(6);

    expect(got).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('goes on after a cursor', async () => {
    const { channels } = create();
    const channel = channels.channel<string>('c', { history: {} });
    for (const data of ['a', 'b', 'c']) await channel.publish(data);
    const [first] = await channel.history();
    const got: Publication<string>[] = [];
    channel.publications({ from: first!.cursor! }).subscribe((publication) => got.push(publication));
    await settle();

    expect(got).toEqual((await channel.history()).slice(1));
  });

  it.each(['nonsense', '1.foreign.1'])('says that there is a gap after "%s"', async (from) => {
    const { channels } = create();
    const channel = channels.channel('c', { history: {} });
    await channel.publish(1);
    const error = await new Promise((resolve) => channel.observe({ from }).subscribe({ error: resolve }));

    expect(error).toBeInstanceOf(ChannelGapError);
    expect((error as ChannelGapError).position.offset).toBe(1);
  });

  it('cannot begin in the past of a channel without history', async () => {
    const channel = create().channels.channel('c');
    const error = await new Promise((resolve) =>
      channel.observe({ from: 'start' }).subscribe({ error: resolve }),
    );

    expect(error).toBeInstanceOf(InvalidChannelOptionsError);
    expect(await channel.history()).toEqual([]);
  });
});
