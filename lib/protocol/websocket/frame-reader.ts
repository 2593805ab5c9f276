/**
 * From bytes to messages and control frames, incrementally and without I/O.
 *
 * Theory of operation. `receive` takes whatever arrived, in any split, and alternates between two acts:
 * reading a header and reading a payload. A header cut by the end of a chunk is carried over in at most
 * 14 bytes. A payload has three ways:
 *   - a whole, unfragmented message that lies in one chunk (nearly all): one allocation, unmasked into it;
 *   - a control frame: at most 125 bytes, put together aside, so that it may come between fragments;
 *   - everything else: `MessageAssembly` grows a buffer.
 * Each rule is checked at the first byte that can break it, before memory is spent. The first violation
 * is thrown as a `WebSocketError`; the caller fails the connection and gives us nothing more.
 * State is settled before an event is told, so a throwing listener can't leave us between two frames.
 * After `framesPerTurn` frames reading stops by itself, until the caller begins the next turn: a chunk may
 * hold thousands of them.
 */
import { isUtf8 } from 'node:buffer';
import {
  FIN,
  MASKED,
  MAX_HEADER_BYTES,
  RSV_BITS,
  headerSize,
  payloadLength,
  readMaskKey,
} from './frame-header.js';
import { type Role, checkFirstByte, checkLength, checkSecondByte } from './frame-rules.js';
import { maskInto, rotateKey } from './mask.js';
import { MessageAssembly } from './message-assembly.js';
import { MAX_CONTROL_PAYLOAD, Opcode, isControl } from './opcode.js';
import { invalidUtf8 } from './websocket-error.js';

/** What a peer may make us hold. */
export interface FrameLimits {
  /** Bytes of one message, over all its fragments. */
  readonly maxPayload: number;
  /** Frames of one message. */
  readonly maxFragments: number;
  /** Separate arrivals ("chunks") of one message. */
  readonly maxBufferedChunks: number;
}

/** Told in the order of the wire. Payloads are copies that the receiver owns. */
export interface FrameEvents {
  /** A whole message; text has been checked. `rsv` other than 0: as an extension has transformed it. */
  onMessage(payload: Buffer, isBinary: boolean, rsv: number): void;
  onPing(payload: Buffer): void;
  onPong(payload: Buffer): void;
  onClose(payload: Buffer): void;
}

export class FrameReader {
  private carry: Buffer | undefined;
  private carried = 0;

  /** The frame whose payload is being read. */
  private inPayload = false;
  private first = 0;
  private length = 0;
  private key = 0;
  private read = 0;

  private control: Buffer | undefined;
  private message: MessageAssembly | undefined;
  /** Whether bytes are dropped. */
  isStopped = false;
  private suspended = false;
  /** Begun in this turn, and what was charged as if it were frames. */
  private frames = 0;

  /**
   * @param claimedRsv the reserved bits that negotiated extensions use
   * @param framesPerTurn after how many frames `receive` returns, until `beginTurn`
   */
  constructor(
    private readonly role: Role,
    private readonly limits: FrameLimits,
    private readonly events: FrameEvents,
    private readonly claimedRsv: number = 0,
    private readonly framesPerTurn: number = Infinity,
  ) {}

  /** Whether a frame or message has begun and not ended. */
  get isMidMessage(): boolean {
    return this.inPayload || this.carried > 0 || this.message !== undefined;
  }

  /** Bytes received after this are dropped: RFC 6455 §5.5.1, nothing follows a close frame. */
  stop(): void {
    this.isStopped = true;
    this.message = this.control = undefined;
  }

  /** Makes `receive` return behind the current frame, until `resume`. */
  suspend(): void {
    this.suspended = true;
  }

  resume(): void {
    this.suspended = false;
  }

  beginTurn(): void {
    this.frames = 0;
  }

  /** Counts work of an event's as so many frames of this turn. */
  charge(frames: number): void {
    this.frames += frames;
  }

  /** Whether the frames of this turn are used up. */
  get isExhausted(): boolean {
    return this.frames >= this.framesPerTurn;
  }

  /**
   * @returns how many bytes were taken: all, unless suspended by an event or exhausted
   * @throws WebSocketError at the first violation
   */
  receive(chunk: Buffer): number {
    let at = 0;
    do {
      if (this.isStopped) return chunk.length;
      if (this.suspended || this.isExhausted) return at;
      if (!this.inPayload) at = this.readHeader(chunk, at);
      if (this.inPayload) at = this.readPayload(chunk, at);
    } while (at < chunk.length);
    return at;
  }

  private readHeader(chunk: Buffer, at: number): number {
    const available = chunk.length - at;
    if (this.carried === 0 && available >= 2) {
      const size = this.checkStart(chunk, at);
      if (available >= size) {
        this.beginFrame(chunk, at, size);
        return at + size;
      }
    }
    return this.carryHeader(chunk, at);
  }

  private checkStart(bytes: Buffer, at: number): number {
    const first = bytes[at]!;
    checkFirstByte(first, this.claimedRsv, this.message !== undefined);
    checkSecondByte(first, bytes[at + 1]!, this.role);
    return headerSize(bytes[at + 1]!);
  }

  private carryHeader(chunk: Buffer, at: number): number {
    const carry = (this.carry ??= Buffer.allocUnsafeSlow(MAX_HEADER_BYTES));
    while (at < chunk.length) {
      carry[this.carried++] = chunk[at++]!;
      if (this.carried === 1) checkFirstByte(carry[0]!, this.claimedRsv, this.message !== undefined);
      if (this.carried === 2) checkSecondByte(carry[0]!, carry[1]!, this.role);
      if (this.carried < 2 || this.carried < headerSize(carry[1]!)) continue;
      this.beginFrame(carry, 0, this.carried);
      this.carried = 0;
      return at;
    }
    return at;
  }

  private beginFrame(bytes: Buffer, at: number, size: number): void {
    this.first = bytes[at]!;
    const length = payloadLength(bytes, at);
    if (isControl(this.first & 0x0f)) checkLength(length, 0, MAX_CONTROL_PAYLOAD);
    else this.checkMessageLength(length);
    this.length = length;
    this.key = bytes[at + 1]! & MASKED ? readMaskKey(bytes, at + size) : 0;
    this.read = 0;
    this.inPayload = true;
    this.frames++;
  }

  private checkMessageLength(length: number): void {
    const rsv = this.message?.rsv ?? this.first & RSV_BITS;
    checkLength(length, this.message?.length ?? 0, wireLimit(this.limits.maxPayload, rsv));
  }

  private readPayload(chunk: Buffer, at: number): number {
    const count = Math.min(this.length - this.read, chunk.length - at);
    if (count === 0 && this.length > 0) return at;
    const opcode = this.first & 0x0f;
    if (isControl(opcode)) this.readControl(chunk, at, count, opcode);
    else if (this.message === undefined && this.first & FIN && count === this.length) {
      this.readWholeMessage(chunk, at, opcode);
    } else this.readFragment(chunk, at, count, opcode);
    return at + count;
  }

  private readWholeMessage(chunk: Buffer, at: number, opcode: number): void {
    const rsv = this.first & RSV_BITS;
    const payload = Buffer.allocUnsafe(this.length);
    const seen = maskInto(chunk, at, this.length, this.key, payload, 0);
    this.inPayload = false;
    if (opcode === Opcode.text && rsv === 0 && seen >= 0x80 && !isUtf8(payload)) {
      throw invalidUtf8('text message');
    }
    this.events.onMessage(payload, opcode === Opcode.binary, rsv);
  }

  private readFragment(chunk: Buffer, at: number, count: number, opcode: number): void {
    const message = (this.message ??= new MessageAssembly(opcode, this.first & RSV_BITS));
    const { maxFragments, maxBufferedChunks } = this.limits;
    if (this.read === 0) message.beginFragment(maxFragments);
    const remaining = this.length - this.read;
    const last = (this.first & FIN) !== 0;
    if (count > 0) {
      message.append(chunk, at, count, this.key, this.read, remaining, last, maxBufferedChunks);
    }
    this.read += count;
    if (this.read === this.length) this.endFragment(message, last);
  }

  private endFragment(message: MessageAssembly, last: boolean): void {
    this.inPayload = false;
    if (!last) return;
    this.message = undefined;
    this.events.onMessage(message.finish(), message.opcode === Opcode.binary, message.rsv);
  }

  private readControl(chunk: Buffer, at: number, count: number, opcode: number): void {
    const payload = (this.control ??= Buffer.allocUnsafe(this.length));
    maskInto(chunk, at, count, rotateKey(this.key, this.read), payload, this.read);
    this.read += count;
    if (this.read < this.length) return;
    this.inPayload = false;
    this.control = undefined;
    if (opcode === Opcode.ping) this.events.onPing(payload);
    else if (opcode === Opcode.pong) this.events.onPong(payload);
    else this.events.onClose(payload);
  }
}

/** DEFLATE adds a little to what it can't shrink (RFC 1951 §3.2.4), which must not cost a legal message. */
function wireLimit(maxPayload: number, rsv: number): number {
  return rsv === 0 ? maxPayload : maxPayload + Math.ceil(maxPayload / 1024) + 64;
}
