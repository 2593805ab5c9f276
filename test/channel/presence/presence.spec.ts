import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MemoryBroker } from '../../../lib/broker/memory/index.js';
import {
  type Broker,
  Channels,
  InvalidChannelOptionsError,
  type PresenceEvent,
} from '../../../lib/channel/index.js';
import type { Session } from '../../../lib/session/index.js';
import type { MemoryTransport } from '../../support/memory-transport.js';
import { TestHost, openSession } from '../../support/test-session.js';

describe('channel.presence', () => {
  let channels: Channels;

  beforeEach(() => {
    jest.useFakeTimers();
    channels = new Channels(new MemoryBroker(), ({ user, id }) => (user as string | undefined) ?? id);
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  function tab(user: string): { session: Session; client: MemoryTransport } {
    const opened = openSession(new TestHost(), {}, channels.membership);
    opened.session.user = user;
    return opened;
  }

  const keys = async (): Promise<string[]> =>
    (await channels.channel('c').presence()).map(({ key }) => key).sort();

  it('has each person once, from the first session that joins until 2 s after the last has left', async () => {
    channels.channel('c', { presence: true });
    const told: PresenceEvent[] = [];
    channels
      .channel('c')
      .observePresence()
      .subscribe((event) => told.push(event));
    await jest.advanceTimersByTimeAsync(0);
    const [first, second, other] = [tab('anna'), tab('anna'), tab('ben')];
    for (const { session } of [first, second, other]) await session.join('c');
    expect(await keys()).toEqual(['anna', 'ben']);

    first.session.leave('c');
    second.client.disconnect();
    await jest.advanceTimersByTimeAsync(1_999);
    expect(await keys()).toEqual(['anna', 'ben']);
    await jest.advanceTimersByTimeAsync(1);
    expect(await keys()).toEqual(['ben']);
    expect(told).toEqual([
      { type: 'present', people: [] },
      { type: 'joined', person: { key: 'anna', info: null } },
      { type: 'joined', person: { key: 'ben', info: null } },
      { type: 'left', person: { key: 'anna', info: null } },
    ]);
  });

  it('takes no notice of somebody who reloads', async () => {
    channels.channel('c', { presence: { lingerMs: 500 } });
    const first = tab('anna');
    await first.session.join('c');
    const told: string[] = [];
    channels
      .channel('c')
      .observePresence()
      .subscribe(({ type }) => told.push(type));
    first.client.disconnect();
    await jest.advanceTimersByTimeAsync(400);
    await tab('anna').session.join('c');
    await jest.advanceTimersByTimeAsync(1_000);

    expect(told).toEqual(['present']);
    expect(await keys()).toEqual(['anna']);
  });

  it('asks the application who somebody is, and bounds what it says', async () => {
    const person = ({ user }: { user: unknown }): { key: string; info?: unknown } =>
      user === 'long' ? { key: 'k', info: 'x'.repeat(20) } : { key: String(user), info: { as: user } };
    channels.channel('c', { presence: { person, infoBytes: 20 } });
    await tab('anna').session.join('c');
    expect(await channels.channel('c').presence()).toEqual([{ key: 'anna', info: { as: 'anna' } }]);

    const refused = { code: 'INVALID_PERSON' };
    await expect(tab('long').session.join('c')).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining('22 bytes'),
    });
    await expect(tab('').session.join('c')).rejects.toMatchObject(refused);
    expect(await keys()).toEqual(['anna']);
  });

  it('is told to sessions, if an event is given: who is there, then who comes and goes', async () => {
    channels.channel('c', { presence: { event: 'people', lingerMs: 0 } });
    const [anna, ben] = [tab('anna'), tab('ben')];
    await anna.session.join('c');
    await jest.advanceTimersByTimeAsync(0);
    anna.client.take();
    await ben.session.join('c');
    await jest.advanceTimersByTimeAsync(0);
    ben.client.disconnect();
    await jest.advanceTimersByTimeAsync(1);

    const person = { key: 'ben', info: null };
    const message = { event: 'people', channel: 'c' };
    expect(anna.client.take()).toEqual([
      { ...message, data: { type: 'joined', person } },
      { ...message, data: { type: 'left', person } },
    ]);
    const people = [{ key: 'anna', info: null }, person];
    expect(ben.client.messages).toEqual([{ ...message, data: { type: 'present', people } }]);
  });

  it('lists no more people than its size', async () => {
    channels.channel('c', { presence: { size: 2, lingerMs: 0 } });
    const tabs = ['a', 'b', 'c'].map(tab);
    for (const { session } of tabs) await session.join('c');
    expect(await keys()).toEqual(['a', 'b']);

    tabs[0]!.client.disconnect();
    await jest.advanceTimersByTimeAsync(1);
    expect(await keys()).toEqual(['b', 'c']);
  });

  it('is declared with the channel: the same again, nothing else', () => {
    const person = (): { key: string } => ({ key: 'k' });
    channels.channel('c', { presence: { person } });

    expect(() => channels.channel('c', { presence: { person } })).not.toThrow();
    expect(() => channels.channel('c', { presence: true })).toThrow('declared already');
    const wrong = [{ size: 0 }, { infoBytes: 0.5 }, { lingerMs: -1 }, { event: 'nestwire:x' }];
    for (const presence of [...wrong, { lingerMs: 2 ** 31 }])
      expect(() => channels.channel('d', { presence })).toThrow(InvalidChannelOptionsError);
  });

  it('needs a broker that keeps it', async () => {
    const broker: Broker = new MemoryBroker();
    Object.defineProperty(broker, 'presence', { value: undefined });
    channels = new Channels(broker);

    expect(() => channels.channel('c', { presence: true })).toThrow(InvalidChannelOptionsError);
    await expect(channels.channel('c').presence()).rejects.toThrow('keeps no presence');
  });
});
