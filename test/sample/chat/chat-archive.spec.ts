import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ChatArchive } from '../../../sample/chat/chat-archive.js';
import { KEPT_MESSAGES } from '../../../sample/chat/chat.limits.js';
import { type Message } from '../../../sample/chat/chat.protocol.js';
import { FileStore } from '../../../sample/store/file-store.js';

const FILE = 'general.jsonl';
const author = { id: 'a', name: 'Anna' };
const message = (at: number): Message => ({ id: `m${at}`, channel: 'general', author, text: `${at}`, at });

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'archive-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function open(): Promise<ChatArchive> {
  const archive = new ChatArchive(new FileStore(folder), FILE);
  await archive.load();
  return archive;
}

const texts = (archive: ChatArchive): string[] => archive.page().messages.map(({ text }) => text);

describe('What a channel of the chat keeps', () => {
  it('is there for the next process, in the order of time', async () => {
    const archive = await open();
    for (const at of [1, 3, 2]) await archive.add(message(at));
    expect(texts(await open())).toEqual(['1', '2', '3']);
  });

  it('survives a line that a crash has torn, and what is written after it', async () => {
    await (await open()).add(message(1));
    await appendFile(join(folder, FILE), '\n{"id":"m2","cha');
    const second = await open();
    await second.add(message(3));
    expect(texts(await open())).toEqual(['1', '3']);
  });

  it('has each message once', async () => {
    const archive = await open();
    await Promise.all([archive.add(message(1)), archive.add(message(1))]);
    expect(texts(await open())).toEqual(['1']);
  });

  it('is bounded, in memory and on disk', async () => {
    const archive = await open();
    await Promise.all(Array.from({ length: KEPT_MESSAGES + 20 }, (_, at) => archive.add(message(at))));
    expect(archive.find('a', 'm5')).toBeUndefined();
    expect(archive.find('a', 'm30')).toEqual(message(30));
    await open();
    const lines = (await readFile(join(folder, FILE))).toString().trim().split('\n');
    expect(lines).toHaveLength(KEPT_MESSAGES);
  });
});
