/**
 * The two ends of a connection without a network. What is written to one end can be read from the other in a
 * later turn of the event loop, as from a network; when the reader stops reading, the writer's queue grows
 * beyond twice 16 KiB in between. It has what `node:http` and our own code use of a `net.Socket`.
 */
import { Duplex } from 'node:stream';
// not those of the global object, which a test may have replaced by fake ones
import { setImmediate } from 'node:timers';

const HIGH_WATER_BYTES = 16 * 1024;

type Callback = (error?: Error | null) => void;

class MemorySocket extends Duplex {
  readonly remoteAddress = '127.0.0.1';
  readonly remoteFamily = 'IPv4';
  readonly remotePort = 0;
  readonly encrypted = false;
  bytesRead = 0;
  bytesWritten = 0;
  other!: MemorySocket;
  /** The other end waits until we have read. */
  private writer: Callback | undefined;

  constructor() {
    super({ highWaterMark: HIGH_WATER_BYTES });
  }

  override _read(): void {
    this.release();
  }

  override _write(chunk: Buffer, _encoding: string, callback: Callback): void {
    // its memory is the writer's again as soon as we call back
    const copy = Buffer.from(chunk);
    setImmediate(() => this.other.arrive(copy, callback));
    this.bytesWritten += chunk.length;
  }

  private arrive(chunk: Buffer, callback: Callback): void {
    if (this.destroyed) return callback(gone('write EPIPE', 'EPIPE'));
    this.bytesRead += chunk.length;
    this.writer = callback;
    if (this.push(chunk)) this.release();
  }

  private release(error?: Error): void {
    const { writer } = this;
    this.writer = undefined;
    writer?.(error);
  }

  override _final(callback: Callback): void {
    setImmediate(() => {
      if (!this.other.destroyed) this.other.push(null);
      callback();
    });
  }

  override _destroy(error: Error | null, callback: Callback): void {
    const isReset = !this.writableFinished;
    setImmediate(() => {
      if (isReset && !this.other.destroyed) this.other.destroy(gone('read ECONNRESET', 'ECONNRESET'));
    });
    this.release(gone('write EPIPE', 'EPIPE'));
    callback(error);
  }

  destroySoon(): void {
    if (this.writableFinished) return void this.destroy();
    this.once('finish', () => this.destroy());
    this.end();
  }

  resetAndDestroy(): this {
    return this.destroy();
  }

  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

const gone = (message: string, code: string): Error => Object.assign(new Error(message), { code });

/** Two ends of one connection. */
export function memorySocketPair(): [Duplex, Duplex] {
  const [one, other] = [new MemorySocket(), new MemorySocket()];
  one.other = other;
  other.other = one;
  return [one, other];
}
