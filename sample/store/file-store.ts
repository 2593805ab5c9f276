import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Where everything goes that survives a restart. */
const FOLDER = process.env['SAMPLE_DATA_DIR'] ?? join(tmpdir(), 'nestwire-sample');

/**
 * Small files that survive a restart of the server, and its death at any moment: what is written takes the
 * place of what was there in one step. What is written or appended at the same time goes one after the other.
 */
export class FileStore {
  private readonly writing = new Map<string, Promise<void>>();

  constructor(private readonly folder: string = FOLDER) {}

  /** @returns undefined when there is no such file */
  async read(name: string): Promise<Buffer | undefined> {
    try {
      return await readFile(this.pathOf(name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  write(name: string, data: string | Uint8Array): Promise<void> {
    return this.inTurn(name, async (path) => {
      await put(`${path}.new`, data, 'w');
      await rename(`${path}.new`, path);
    });
  }

  /** Only for what is read with the torn end in mind that a crash may leave. */
  append(name: string, data: string | Uint8Array): Promise<void> {
    return this.inTurn(name, (path) => put(path, data, 'a'));
  }

  private inTurn(name: string, work: (path: string) => Promise<void>): Promise<void> {
    const path = this.pathOf(name);
    const done = (this.writing.get(name) ?? Promise.resolve()).then(async () => {
      await mkdir(dirname(path), { recursive: true });
      await work(path);
    });
    const settled = done.catch(() => undefined);
    this.writing.set(name, settled);
    void settled.then(() => {
      if (this.writing.get(name) === settled) this.writing.delete(name);
    });
    return done;
  }

  private pathOf(name: string): string {
    return join(this.folder, name);
  }
}

async function put(path: string, data: string | Uint8Array, flags: 'w' | 'a'): Promise<void> {
  const file = await open(path, flags);
  try {
    await file.writeFile(data);
    // else a power cut could leave the new name with nothing in it
    await file.datasync();
  } finally {
    await file.close();
  }
}
