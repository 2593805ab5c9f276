/**
 * `permessage-deflate` on one connection, RFC 7692 §7.2.
 *
 * Messages of up to 64 KiB are compressed and inflated at once, on this thread: cheaper than any hand-over.
 * Larger ones are compressed in the thread pool with a window of their own, and inflated in slices that let
 * other work pass in between. Without context takeover nothing is kept for a connection; with it, contexts
 * are made with the first message that needs them.
 *
 * The trap: whenever a peer got a message that our context did not make (a shared frame, or one from the
 * thread pool), its window holds what our context never saw, and distances from our next message would
 * point to wrong bytes, without any error. So after such a message our context starts afresh.
 */
import { promisify } from 'node:util';
import { constants, deflateRaw } from 'node:zlib';
import {
  type DeflateParameters,
  type MessageTransform,
  type OutgoingMessage,
  type Role,
  type SharedEncoding,
  type TransformLimits,
  invalidDeflate,
  tooBig,
} from '../../../protocol/websocket/index.js';
import type { DeflateSettings } from './deflate-options.js';
import { releaseMemory } from './memory-budget.js';
import { deflateAfresh, inflateAfresh } from './shared-contexts.js';
import { Deflater, Inflater, stripTail, withTail } from './sync-zlib.js';

const SYNC_UP_TO_BYTES = 64 * 1024;
/** Even at DEFLATE's best, 1 to 1,032, a slice stays at a few MiB: milliseconds. */
const SLICE_BYTES = 4 * 1024;
/** Inflated bytes after which other work gets its turn. */
const PAUSE_AFTER_BYTES = 1024 * 1024;
/** Output buffer of a context that a connection keeps. */
const CHUNK_BYTES = 4 * 1024;

const deflateInPool = promisify(deflateRaw);
const otherWork = promisify(setImmediate);

export class DeflateTransform implements MessageTransform {
  readonly shared: SharedEncoding;
  private deflater: Deflater | undefined;
  private inflater: Inflater | undefined;
  /** The peer got a message since that our context did not make. */
  private isForeign = false;
  private readonly out: { windowBits: number; level: number; memLevel: number };
  private readonly in: { windowBits: number; maxOutputLength: number };
  private readonly outTakeover: boolean;
  private readonly inTakeover: boolean;

  /** @param reservedBytes what `close` gives back to the process-wide budget */
  constructor(
    role: Role,
    agreed: DeflateParameters,
    private readonly settings: DeflateSettings,
    private readonly limits: TransformLimits,
    private readonly reservedBytes: number,
  ) {
    const isServer = role === 'server';
    const { level, memLevel } = settings;
    const outBits = isServer ? agreed.serverMaxWindowBits : agreed.clientMaxWindowBits;
    // zlib can't deflate with a window of 256 bytes; with 512 its distances stay below 256 all the same
    this.out = { windowBits: Math.max(9, outBits), level, memLevel };
    this.in = {
      windowBits: isServer ? agreed.clientMaxWindowBits : agreed.serverMaxWindowBits,
      maxOutputLength: Math.min(limits.maxPayload, 0x7fffffff),
    };
    this.outTakeover = !(isServer ? agreed.serverNoContextTakeover : agreed.clientNoContextTakeover);
    this.inTakeover = !(isServer ? agreed.clientNoContextTakeover : agreed.serverNoContextTakeover);
    this.shared = {
      key: `${outBits}/${level}/${memLevel}/${settings.threshold}`,
      encode: (message) => this.encodeShared(message),
      sent: () => void (this.isForeign = true),
    };
  }

  encode(message: OutgoingMessage): Buffer | undefined | Promise<Buffer> {
    const { payload } = message;
    if (!this.applies(message)) return undefined;
    if (payload.length > SYNC_UP_TO_BYTES) return this.encodeInPool(payload);
    if (!this.outTakeover) return deflateAfresh(payload, this.out);
    return this.ownDeflater().deflate(payload);
  }

  private ownDeflater(): Deflater {
    const deflater = (this.deflater ??= new Deflater({ ...this.out, chunkSize: CHUNK_BYTES }));
    // Not sooner: a reset clears 64 KiB and more of tables, and broadcasts come in rows
    if (this.isForeign) deflater.reset();
    this.isForeign = false;
    return deflater;
  }

  private encodeShared(message: OutgoingMessage): Buffer | undefined | Promise<Buffer> {
    if (!this.applies(message)) return undefined;
    const { payload } = message;
    return payload.length > SYNC_UP_TO_BYTES
      ? compressInPool(payload, this.out)
      : deflateAfresh(payload, this.out);
  }

  private applies({ compress, payload }: OutgoingMessage): boolean {
    return compress && payload.length >= this.settings.threshold;
  }

  private async encodeInPool(payload: Buffer): Promise<Buffer> {
    const compressed = await compressInPool(payload, this.out);
    this.isForeign = true;
    return compressed;
  }

  /** @throws WebSocketError 1007 or 1009 */
  decode(payload: Buffer): Buffer | Promise<Buffer> {
    const input = withTail(payload);
    if (!this.isShort(input)) return this.decodeInSlices(input);
    try {
      return this.inTakeover ? this.ownInflater().inflate(input) : inflateAfresh(input, this.in);
    } catch (error) {
      throw this.asWebSocketError(error);
    }
  }

  /** Whether inflating in one go can't take longer than a few milliseconds. */
  private isShort(input: Buffer): boolean {
    const { maxPayload } = this.limits;
    return (
      input.length <= SLICE_BYTES || (input.length <= SYNC_UP_TO_BYTES && maxPayload <= PAUSE_AFTER_BYTES)
    );
  }

  private ownInflater(): Inflater {
    return (this.inflater ??= new Inflater({ ...this.in, chunkSize: CHUNK_BYTES }));
  }

  private async decodeInSlices(input: Buffer): Promise<Buffer> {
    const inflater = this.inTakeover
      ? this.ownInflater()
      : new Inflater({ ...this.in, chunkSize: SYNC_UP_TO_BYTES });
    try {
      return await this.inflateSlices(inflater, input);
    } catch (error) {
      throw this.asWebSocketError(error);
    } finally {
      if (!this.inTakeover) inflater.close();
    }
  }

  private async inflateSlices(inflater: Inflater, input: Buffer): Promise<Buffer> {
    const parts: Buffer[] = [];
    let size = 0;
    let sincePause = 0;
    for (let at = 0; at < input.length; at += SLICE_BYTES) {
      const part = inflater.inflate(input.subarray(at, at + SLICE_BYTES));
      parts.push(part);
      size += part.length;
      sincePause += part.length;
      if (size > this.limits.maxPayload) throw this.tooLarge();
      if (sincePause < PAUSE_AFTER_BYTES) continue;
      await otherWork();
      sincePause = 0;
    }
    return Buffer.concat(parts, size);
  }

  private asWebSocketError(error: unknown): Error {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') return this.tooLarge();
    return code?.startsWith('WS_ERR') ? (error as Error) : invalidDeflate(message);
  }

  private tooLarge(): Error {
    const { maxPayload } = this.limits;
    return tooBig(
      'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
      `inflated message exceeds the limit of ${maxPayload} bytes`,
    );
  }

  close(): void {
    this.deflater?.close();
    this.inflater?.close();
    this.deflater = this.inflater = undefined;
    releaseMemory(this.reservedBytes);
  }
}

async function compressInPool(payload: Buffer, options: DeflateTransform['out']): Promise<Buffer> {
  const compressed = await deflateInPool(payload, { ...options, finishFlush: constants.Z_SYNC_FLUSH });
  return stripTail(compressed);
}
