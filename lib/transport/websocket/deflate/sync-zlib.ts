/**
 * Raw DEFLATE, one message per call, on the calling thread. For messages of a few KiB this costs a third of
 * what Node's asynchronous streams do; who has more hands it over in slices, or uses the thread pool.
 */
import { constants } from 'node:zlib';
import { DeflateRaw, InflateRaw } from 'minizlib';

const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);
const EMPTY_BLOCK = Buffer.from([0x00]);

/** RFC 7692 §7.2.1: a message ends in an empty block, of which the last four bytes are left out. */
export function stripTail(compressed: Buffer): Buffer {
  return compressed.subarray(0, compressed.length - TAIL.length);
}

/** RFC 7692 §7.2.2: what was left out is put back. */
export const withTail = (payload: Buffer): Buffer => Buffer.concat([payload, TAIL]);

/** What both directions share: collecting output, and errors that come as events. */
abstract class Codec<T extends DeflateRaw | InflateRaw> {
  protected error: Error | undefined;
  private output: Buffer[] = [];

  protected constructor(protected readonly zlib: T) {
    zlib.on('data', (chunk) => this.output.push(chunk));
    zlib.on('error', (error) => (this.error = error as Error));
  }

  protected process(input: Buffer): Buffer {
    this.zlib.write(input);
    const { output } = this;
    this.output = [];
    if (this.error) throw this.error;
    return output.length === 1 ? output[0]! : Buffer.concat(output);
  }

  /** Forgets all messages before. */
  reset(): void {
    this.zlib.reset();
  }

  close(): void {
    this.zlib.close();
  }
}

export interface DeflaterOptions {
  readonly windowBits: number;
  readonly level: number;
  readonly memLevel: number;
  /** Size of the output buffer that is kept. */
  readonly chunkSize: number;
}

export class Deflater extends Codec<DeflateRaw> {
  constructor(options: DeflaterOptions) {
    super(new DeflateRaw({ ...options, flush: constants.Z_SYNC_FLUSH }));
  }

  /** @returns the message compressed, as it goes into a frame */
  deflate(message: Buffer): Buffer {
    // §7.2.3.6: nothing to compress gives nothing to strip the tail from
    return message.length === 0 ? EMPTY_BLOCK : stripTail(this.process(message));
  }
}

export interface InflaterOptions {
  readonly windowBits: number;
  readonly chunkSize: number;
  /** What one call may put out. */
  readonly maxOutputLength: number;
}

/** Each final block costs a fresh start, and takes a peer two bytes. */
const MAX_STREAMS = 64;

export class Inflater extends Codec<InflateRaw> {
  private readonly maxOutputLength: number;

  constructor(options: InflaterOptions) {
    super(new InflateRaw({ ...options, flush: constants.Z_SYNC_FLUSH }));
    this.maxOutputLength = options.maxOutputLength;
  }

  /** @throws Error with code `ERR_BUFFER_TOO_LARGE` beyond `maxOutputLength`; after any throw it is dead */
  inflate(input: Buffer): Buffer {
    const first = this.process(input);
    const rest = this.unread(input);
    return rest === undefined ? first : this.inflateRest(first, rest);
  }

  /** RFC 7692 §7.2.3.4: a block with BFINAL ends zlib's stream, but not the message. */
  private unread(input: Buffer): Buffer | undefined {
    const consumed = (this.zlib.handle as unknown as { bytesWritten: number }).bytesWritten;
    return consumed < input.length ? input.subarray(consumed) : undefined;
  }

  private inflateRest(first: Buffer, rest: Buffer): Buffer {
    const parts = [first];
    let size = first.length;
    for (let input: Buffer | undefined = rest; input !== undefined; input = this.unread(input)) {
      if (parts.length > MAX_STREAMS) throw new Error(`more than ${MAX_STREAMS} final blocks in one message`);
      this.reset();
      const part = this.process(input);
      size += part.length;
      if (size > this.maxOutputLength) throw new OutputTooLarge();
      parts.push(part);
    }
    return Buffer.concat(parts);
  }
}

/** As zlib's own error for a single stream. */
class OutputTooLarge extends Error {
  readonly code = 'ERR_BUFFER_TOO_LARGE';
}
