import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { UnsupportedMediaTypeException } from '@nestjs/common';
import { KEPT_IMAGES } from '../../../sample/chat/chat.limits.js';
import { FileShelf } from '../../../sample/chat/file-shelf.js';
import { type ImageShelf } from '../../../sample/chat/image-shelf.js';
import { ImageStore } from '../../../sample/chat/image-store.js';
import { RedisShelf } from '../../../sample/chat/redis-shelf.js';
import { FileStore } from '../../../sample/store/file-store.js';
import { RedisServer } from '../../support/redis-server.js';

let folder: string;
let redis: RedisServer;
let opened: RedisShelf[] = [];

beforeAll(async () => {
  redis = await RedisServer.start();
});

afterAll(() => redis.stop());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'images-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
  for (const shelf of opened) shelf.onApplicationShutdown();
  opened = [];
});

async function inFiles(): Promise<ImageShelf> {
  const shelf = new FileShelf(new FileStore(folder));
  await shelf.onModuleInit();
  return shelf;
}

async function inRedis(): Promise<ImageShelf> {
  const shelf = new RedisShelf(redis.url);
  opened.push(shelf);
  return Promise.resolve(shelf);
}

const gif = (content: string): Uint8Array => Buffer.from(`GIF89a${content}`);

/** A list of them is among the files. */
const files = async (): Promise<number> => (await readdir(join(folder, 'chat'))).length - 1;

const fields = (): Promise<unknown> => redis.call('HLEN', 'sample:chat:images');

describe.each([
  ['in files', inFiles, files],
  ['in Redis', inRedis, fields],
])('Images of the chat, %s,', (_, shelf, kept) => {
  const open = async (): Promise<ImageStore> => new ImageStore(await shelf());

  it.each([
    ['image/png', '\x89PNG\r\n\x1a\n....'],
    ['image/jpeg', '\xff\xd8\xff\xe0....'],
    ['image/webp', 'RIFF....WEBPVP8 '],
  ])('are %s by their first bytes', async (type, bytes) => {
    const store = await open();
    expect((await store.add(Buffer.from(bytes, 'latin1'))).type).toBe(type);
  });

  it.each(['', 'GI', '<svg onload="alert(1)">', '%PDF-1.7'])('are not what begins as %j', async (bytes) => {
    const store = await open();
    await expect(store.add(Buffer.from(bytes))).rejects.toThrow(UnsupportedMediaTypeException);
  });

  it('are there for the next process, byte for byte', async () => {
    const { id } = await (await open()).add(gif('\0\xff one'));
    const found = await (await open()).find(id);
    expect(found?.type).toBe('image/gif');
    expect(Buffer.from(found!.bytes)).toEqual(gif('\0\xff one'));
  });

  it('are kept once, and no more of them than is allowed', async () => {
    const store = await open();
    const first = await store.add(gif('first'));
    expect(await store.add(gif('first'))).toEqual(first);
    for (let n = 1; n < KEPT_IMAGES; n++) await store.add(gif(String(n)));
    expect(await store.find(first.id)).toBeDefined();
    // more than come within a millisecond, in which order does not count
    for (let n = 0; n < 20; n++) await store.add(gif(`later ${n}`));
    expect(await store.find(first.id)).toBeUndefined();
    const last = await store.add(gif('last'));
    expect(await store.find(last.id)).toBeDefined();
    expect(await kept()).toBe(KEPT_IMAGES);
  });
});
