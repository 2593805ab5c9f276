import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Channels } from 'nestwire';
import { filter, firstValueFrom } from 'rxjs';
import { MemoryBroker } from '../../../lib/broker/memory/index.js';
import { ChatArchive } from '../../../sample/chat/chat-archive.js';
import { ChatChannel } from '../../../sample/chat/chat-channel.js';
import { PAGE_SIZE } from '../../../sample/chat/chat.limits.js';
import {
  type ChannelInfo,
  type Member,
  type Message,
  type SeenChange,
} from '../../../sample/chat/chat.protocol.js';
import { FileStore } from '../../../sample/store/file-store.js';

const anna = { id: 'a', name: 'Anna' };
const ben = { id: 'b', name: 'Ben' };
const draft = (id: string) => ({ id, text: `text of ${id}` });

let folder: string;
let broker: MemoryBroker;
let channels: Channels;
let channel: ChatChannel;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chat-'));
  await begin();
});

afterEach(async () => {
  jest.restoreAllMocks();
  await rm(folder, { recursive: true });
});

/** As a new process does. */
async function begin(): Promise<void> {
  broker = new MemoryBroker();
  channels = new Channels(broker);
  const archive = new ChatArchive(new FileStore(folder), 'general.jsonl');
  channel = new ChatChannel(channels, 'general', channels.channel<ChannelInfo>('chat'), archive);
  await channel.start();
}

/** As a session does that joins, of whatever process. */
function come(member: Member): Promise<void> {
  return broker.presence.enter('chat:general', { key: member.id, info: member }, 10);
}

function heard<T>(name: string): T[] {
  const items: T[] = [];
  channels
    .channel<T>(name)
    .observe()
    .subscribe((item) => items.push(item));
  return items;
}

describe('A channel of the chat', () => {
  it('publishes a message once that is sent again because its answer got lost, even by another process', async () => {
    const published = heard<Message>('chat:general');
    const first = await channel.post(anna, draft('1'));
    expect(await channel.post(anna, draft('1'))).toEqual(first);
    expect(published).toEqual([first]);
    await begin();
    expect(await channel.post(anna, draft('1'))).toEqual(first);
  });

  it('does not take the message of another author for one sent again', async () => {
    const published = heard<Message>('chat:general');
    await channel.post(anna, draft('1'));
    expect((await channel.post(ben, draft('1'))).author).toEqual(ben);
    expect(published).toHaveLength(2);
  });

  it('gives later messages later times, whatever the clock does, and after a restart too', async () => {
    jest.spyOn(Date, 'now').mockReturnValueOnce(1000).mockReturnValue(900);
    const times = [];
    for (const id of ['1', '2']) times.push((await channel.post(anna, draft(id))).at);
    await begin();
    times.push((await channel.post(anna, draft('3'))).at);
    expect(times).toEqual([1000, 1001, 1002]);
  });

  it('keeps what other processes publish', async () => {
    const foreign: Message = { id: 'x', channel: 'general', text: 'from elsewhere', author: ben, at: 5 };
    await channels.channel<Message>('chat:general').publish(foreign);
    expect(channel.snapshot().page.messages).toEqual([foreign]);
  });

  it('shows the newest messages to who joins, and earlier ones on demand', async () => {
    for (let n = 0; n < PAGE_SIZE + 5; n++) await channel.post(anna, draft(String(n)));
    const { page } = channel.snapshot();
    expect(page.messages.map(({ id }) => Number(id))).toEqual(
      Array.from({ length: PAGE_SIZE }, (_, n) => n + 5),
    );
    expect(page.more).toBe(true);
    const earlier = channel.history(page.messages[0]!.at);
    expect(earlier.messages.map(({ id }) => id)).toEqual(['0', '1', '2', '3', '4']);
    expect(earlier.more).toBe(false);
  });

  it('tells up to where somebody has read, forwards only, and not beyond what was said', async () => {
    const seen = heard<SeenChange>('chat:general:seen');
    await come(ben);
    const { at } = await channel.post(anna, draft('1'));
    await channel.see(ben, at - 1);
    await channel.see(ben, at + 1000);
    await channel.see(ben, at - 1);
    expect(seen.map((change) => change.at)).toEqual([at - 1, at]);
    expect(channel.snapshot().seen).toEqual([{ channel: 'general', member: ben, at }]);
    await broker.presence.leave('chat:general', ben.id);
    expect(channel.snapshot().seen).toEqual([]);
  });

  it('tells all the others how many are there and when something was said last', async () => {
    const infos = heard<ChannelInfo>('chat');
    const told = firstValueFrom(
      channels
        .channel<ChannelInfo>('chat')
        .observe()
        .pipe(filter(({ people }) => people === 2)),
    );
    await come(anna);
    await come(ben);
    expect(await told).toEqual({ name: 'general', people: 2, lastAt: 0 });
    const { at } = await channel.post(anna, draft('1'));
    expect(infos.at(-1)).toEqual({ name: 'general', people: 2, lastAt: at });
  });

  it('keeps what other processes tell of who has read', async () => {
    await come(ben);
    const change = { channel: 'general', member: ben, at: 5 };
    await channels.channel<SeenChange>('chat:general:seen').publish(change);
    expect(channel.snapshot().seen).toEqual([change]);
  });
});
