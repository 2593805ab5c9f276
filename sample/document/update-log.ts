/**
 * Keeps updates in a file.
 *
 * Theory of operation. Each update is appended, with its length before it; what comes while a write runs goes
 * out together in the next one. When the file has grown long, and first of all after a start or a failure,
 * when its end may be torn, it is written anew with everything in one update.
 */
import { type FileStore } from '../store/file-store.js';

const LENGTH_BYTES = 4;
const LONG_BYTES = 512 * 1024;

export class UpdateLog {
  private waiting: Uint8Array[] = [];
  private current: Promise<void> = Promise.resolve();
  private next: Promise<void> | undefined;
  /** Of the file; unknown means that it has to be written anew. */
  private bytes: number | undefined;

  /** @param whole everything there is, in one update */
  constructor(
    private readonly store: FileStore,
    private readonly name: string,
    private readonly whole: () => Uint8Array,
  ) {}

  /** What is kept, but for an update whose writing was interrupted. */
  async read(): Promise<Uint8Array[]> {
    return updatesIn((await this.store.read(this.name)) ?? Buffer.alloc(0));
  }

  /** @returns settled when it is on disk, and all that came before; rejects when that failed */
  append(update: Uint8Array): Promise<void> {
    this.waiting.push(update);
    return this.flush();
  }

  /** Settles when everything is on disk; tries it again after a failure. */
  flush(): Promise<void> {
    this.next ??= this.current = this.current.catch(() => undefined).then(() => this.write());
    return this.next;
  }

  private async write(): Promise<void> {
    this.next = undefined;
    const chunk = Buffer.concat(this.waiting.map(framed));
    const bytes = this.bytes === undefined ? Infinity : this.bytes + chunk.length;
    if (chunk.length === 0 && this.bytes !== undefined) return;
    this.waiting = [];
    this.bytes = undefined;
    this.bytes = bytes > LONG_BYTES ? await this.writeAnew() : await this.writeMore(chunk, bytes);
  }

  private async writeMore(chunk: Buffer, bytes: number): Promise<number> {
    await this.store.append(this.name, chunk);
    return bytes;
  }

  private async writeAnew(): Promise<number> {
    const chunk = framed(this.whole());
    await this.store.write(this.name, chunk);
    return chunk.length;
  }
}

function framed(update: Uint8Array): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(update.length);
  return Buffer.concat([length, update]);
}

function updatesIn(bytes: Buffer): Uint8Array[] {
  const updates: Uint8Array[] = [];
  let at = 0;
  while (at + LENGTH_BYTES <= bytes.length) {
    const end = at + LENGTH_BYTES + bytes.readUInt32BE(at);
    if (end > bytes.length) break;
    updates.push(bytes.subarray(at + LENGTH_BYTES, end));
    at = end;
  }
  return updates;
}
