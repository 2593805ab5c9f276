import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FileStore } from '../../../sample/store/file-store.js';
import { UpdateLog } from '../../../sample/document/update-log.js';

let folder: string;
let path: string;
let store: FileStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nestwire-log-'));
  path = join(folder, 'deeper', 'updates');
  store = new FileStore(join(folder, 'deeper'));
});

afterEach(() => rm(folder, { recursive: true }));

/** Its whole is what it was given, one behind the other. */
async function opened(): Promise<{ log: UpdateLog; add: (text: string) => Promise<void>; found: string[] }> {
  let whole = '';
  const log = new UpdateLog(store, 'updates', () => Buffer.from(whole));
  const found = (await log.read()).map(String);
  whole = found.join('');
  const add = (text: string) => {
    whole += text;
    return log.append(Buffer.from(text));
  };
  return { log, add, found };
}

describe('A log of updates', () => {
  it('has after a restart what it was given before, in order', async () => {
    const { add } = await opened();
    await Promise.all(['a', 'b', 'c'].map(add));
    await add('d');
    expect((await opened()).found.join('')).toBe('abcd');
  });

  it('leaves out an update whose writing was interrupted, and goes on behind the whole ones', async () => {
    const before = await opened();
    await before.add('first');
    await before.add('second');
    await truncate(path, (await readFile(path)).length - 1);
    const after = await opened();
    expect(after.found).toEqual(['first']);
    await after.add('third');
    expect((await opened()).found.join('')).toBe('firstthird');
  });

  it('is not longer than its content and half a megabyte, whatever was written', async () => {
    const { add } = await opened();
    let most = 0;
    for (let i = 0; i < 40; i++) {
      await add(String(i % 10).repeat(20_000));
      most = Math.max(most, (await readFile(path)).length);
    }
    expect((await opened()).found.join('')).toHaveLength(800_000);
    expect(most).toBeLessThan(800_000 + 600_000);
  });

  it('says that an update is not kept, and keeps it when it can again', async () => {
    const { log, add } = await opened();
    await add('a');
    await rm(join(folder, 'deeper'), { recursive: true });
    await writeFile(join(folder, 'deeper'), 'no folder any more');
    await expect(add('b')).rejects.toThrow(/ENOTDIR|EEXIST/);
    await rm(join(folder, 'deeper'));
    await log.flush();
    expect((await opened()).found).toEqual(['ab']);
  });
});
