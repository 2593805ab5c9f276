import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { UnsupportedMediaTypeException } from '@nestjs/common';
import { KEPT_IMAGES } from '../../../sample/chat/chat.limits.js';
import { ImageStore } from '../../../sample/chat/image-store.js';
import { FileStore } from '../../../sample/store/file-store.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'images-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function open(): Promise<ImageStore> {
  const store = new ImageStore(new FileStore(folder));
  await store.load();
  return store;
}

const gif = (content: string): Uint8Array => Buffer.from(`GIF89a${content}`);

describe('Images of the chat', () => {
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

  it('are there for the next process', async () => {
    const { id } = await (await open()).add(gif('one'));
    const found = await (await open()).find(id);
    expect(found?.type).toBe('image/gif');
    expect(Buffer.from(found!.bytes).toString()).toBe('GIF89aone');
  });

  it('are kept once, and no more of them than is allowed', async () => {
    const store = await open();
    const first = await store.add(gif('first'));
    expect(await store.add(gif('first'))).toEqual(first);
    for (let n = 0; n < KEPT_IMAGES; n++) await store.add(gif(String(n)));
    expect(await store.find(first.id)).toBeUndefined();
    expect(await readdir(join(folder, 'chat'))).toHaveLength(KEPT_IMAGES + 1);
  });
});
