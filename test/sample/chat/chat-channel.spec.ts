import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Channels } from 'nestwire';
import { MemoryBroker } from '../../../lib/broker/memory/index.js';
import { ChatChannel } from '../../../sample/chat/chat-channel.js';
import { HISTORY_SIZE } from '../../../sample/chat/chat.limits.js';
import { type ChannelInfo, type Message, type PeopleChange } from '../../../sample/chat/chat.protocol.js';

const anna = { id: 'a', name: 'Anna' };
const ben = { id: 'b', name: 'Ben' };
const draft = (id: string) => ({ id, channel: 'general', text: `text of ${id}` });

let channels: Channels;
let channel: ChatChannel;

beforeEach(() => {
  channels = new Channels(new MemoryBroker());
  channel = new ChatChannel(channels, 'general', 'For everyone', channels.channel<ChannelInfo>('chat'));
});

afterEach(() => {
  jest.restoreAllMocks();
});

function heard<T>(name: string): T[] {
  const items: T[] = [];
  channels
    .channel<T>(name)
    .observe()
    .subscribe((item) => items.push(item));
  return items;
}

describe('A channel of the chat', () => {
  it('publishes a message once that is sent again because its answer got lost', async () => {
    const published = heard<Message>('chat:general');
    const first = await channel.post(anna, draft('1'));
    expect(await channel.post(anna, draft('1'))).toEqual(first);
    expect(published).toEqual([first]);
  });

  it('does not take the message of another author for one sent again', async () => {
    const published = heard<Message>('chat:general');
    await channel.post(anna, draft('1'));
    expect((await channel.post(ben, draft('1'))).author).toEqual(ben);
    expect(published).toHaveLength(2);
  });

  it('gives later messages later times, whatever the clock does', async () => {
    jest.spyOn(Date, 'now').mockReturnValueOnce(1000).mockReturnValue(900);
    const times = [];
    for (const id of ['1', '2', '3']) times.push((await channel.post(anna, draft(id))).at);
    expect(times).toEqual([1000, 1001, 1002]);
  });

  it('announces who joins and leaves, but not who was there already', async () => {
    const changes = heard<PeopleChange>('chat:general:people');
    await channel.join(anna);
    await channel.join(anna);
    await channel.leave(anna);
    await channel.leave(anna);
    expect(changes.map(({ change }) => change)).toEqual(['joined', 'left']);
  });

  it('shows who is there and the newest messages to who joins', async () => {
    await channel.join(anna);
    await channel.join(ben);
    for (let n = 0; n <= HISTORY_SIZE; n++) await channel.post(anna, draft(String(n)));
    const { messages, people } = await channel.snapshot();
    expect(messages.map(({ id }) => id)).toEqual(
      Array.from({ length: HISTORY_SIZE }, (_, n) => String(n + 1)),
    );
    expect(people).toEqual([anna, ben]);
  });

  it('tells all the others how many are there and when something was said last', async () => {
    const infos = heard<ChannelInfo>('chat');
    await channel.join(anna);
    const { at } = await channel.post(anna, draft('1'));
    expect(infos.map(({ people, lastAt }) => ({ people, lastAt }))).toEqual([
      { people: 1, lastAt: 0 },
      { people: 1, lastAt: at },
    ]);
  });
});
