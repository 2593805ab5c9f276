import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FileStore } from '../../../sample/store/file-store.js';

let folder: string;
let store: FileStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'store-'));
  store = new FileStore(folder);
});

afterEach(() => rm(folder, { recursive: true }));

describe('The file store', () => {
  it('knows nothing of a file that was not written', async () => {
    expect(await store.read('a/b')).toBeUndefined();
  });

  it('writes and appends in the order in which it is asked, and leaves nothing else behind', async () => {
    const writes = [
      store.write('a/b', 'x'.repeat(100_000)),
      store.write('a/b', '1'),
      store.append('a/b', '2'),
    ];
    await Promise.all(writes);
    expect(String(await store.read('a/b'))).toBe('12');
    expect(await readdir(join(folder, 'a'))).toEqual(['b']);
  });

  it('goes on after a write that failed', async () => {
    await store.write('a', '1');
    await expect(store.write('a/b', '2')).rejects.toThrow(/ENOTDIR|EEXIST/);
    await store.write('a', '3');
    expect(String(await store.read('a'))).toBe('3');
  });
});
