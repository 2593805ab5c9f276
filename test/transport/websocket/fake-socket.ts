/**
 * A socket whose kernel and peer are played by the test: it takes writes at once, as a socket does while
 * its peer keeps up, or holds them until told otherwise. `writes` has one entry a system call.
 */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';

type Taken = (error?: Error | null) => void;

export class FakeSocket extends Duplex {
  readonly writes: Buffer[] = [];
  bytesWritten = 0;
  bytesRead = 0;
  /** What was asked for beyond a stream's methods. */
  readonly calls: string[] = [];
  private holding = false;
  private held: Taken | undefined;

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, taken: Taken): void {
    this.toKernel([chunk], taken);
  }

  override _writev(chunks: { chunk: Buffer }[], taken: Taken): void {
    this.toKernel(
      chunks.map(({ chunk }) => chunk),
      taken,
    );
  }

  private toKernel(chunks: Buffer[], taken: Taken): void {
    const bytes = Buffer.concat(chunks);
    if (bytes.length === 0) {
      taken();
      return;
    }
    this.writes.push(bytes);
    this.bytesWritten += bytes.length;
    if (this.holding) this.held = taken;
    else taken();
  }

  setTimeout(ms: number): this {
    this.calls.push(`setTimeout ${ms}`);
    return this;
  }

  setNoDelay(): this {
    this.calls.push('setNoDelay');
    return this;
  }

  /** From now on the kernel is full: the next write gets there, but is not taken. */
  hold(): void {
    this.holding = true;
  }

  /** The kernel has taken what it held, and takes what comes, or only the next write with `again`. */
  async release({ again = false } = {}): Promise<void> {
    this.holding = again;
    const taken = this.held;
    this.held = undefined;
    taken?.();
    await turn();
  }

  /** The write in the kernel's hands fails, as by a reset. */
  async breakPipe(): Promise<void> {
    this.held?.(new Error('EPIPE'));
    await turn();
  }

  /** All bytes written, in order. */
  get output(): Buffer {
    return Buffer.concat(this.writes);
  }

  /** Bytes from the peer. */
  async arrive(...chunks: Buffer[]): Promise<void> {
    for (const chunk of chunks) this.push(chunk);
    await turn();
  }

  /** The peer ends its half. */
  async arriveEnd(): Promise<void> {
    this.push(null);
    await turn();
  }

  get asSocket(): Socket {
    return this as unknown as Socket;
  }
}
