/** Bytes of the endpoint under test in, its frames and messages out; anything illegal in them throws. */
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { applyMask, Opcode } from './raw-peer-frames.js';

/** One frame as it arrived, payload unmasked. */
export interface ReceivedFrame {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly mask: Buffer | null;
  readonly payload: Buffer;
}

/** One message or control frame. `frames`: how many frames carried it; `rsv`: of the first of them. */
export interface Received {
  readonly kind: 'text' | 'binary' | 'close' | 'ping' | 'pong';
  readonly payload: Buffer;
  readonly rsv: number;
  readonly frames: number;
}

const kinds = new Map<number, Received['kind']>([
  [Opcode.text, 'text'],
  [Opcode.binary, 'binary'],
  [Opcode.close, 'close'],
  [Opcode.ping, 'ping'],
  [Opcode.pong, 'pong'],
]);

export class FrameReader {
  private header = Buffer.alloc(14);
  private headerBytes = 0;
  private headerSize = 2;
  private payload: Buffer | undefined;
  private payloadBytes = 0;

  constructor(private readonly onFrame: (frame: ReceivedFrame) => void) {}

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      at += this.payload === undefined ? this.readHeader(chunk, at) : this.readPayload(chunk, at);
      if (this.payload?.length === this.payloadBytes) this.finishFrame();
    }
  }

  /** Bytes of a frame that has begun and not ended. */
  get pendingBytes(): number {
    return this.headerBytes + this.payloadBytes;
  }

  private readHeader(chunk: Buffer, at: number): number {
    const copied = chunk.copy(this.header, this.headerBytes, at, at + this.headerSize - this.headerBytes);
    this.headerBytes += copied;
    if (this.headerBytes === 2) this.headerSize = 2 + lengthSize(this.header) + (this.masked ? 4 : 0);
    if (this.headerBytes === this.headerSize) this.payload = Buffer.allocUnsafe(this.declaredLength());
    return copied;
  }

  private readPayload(chunk: Buffer, at: number): number {
    const copied = chunk.copy(this.payload!, this.payloadBytes, at);
    this.payloadBytes += copied;
    return copied;
  }

  private get masked(): boolean {
    return (this.header[1]! & 0x80) !== 0;
  }

  private declaredLength(): number {
    const size = lengthSize(this.header);
    const length =
      size === 0
        ? this.header[1]! & 0x7f
        : size === 2
          ? this.header.readUInt16BE(2)
          : Number(this.header.readBigUInt64BE(2));
    // RFC 6455 §5.2: "the minimal number of bytes MUST be used to encode the length"
    if ((size === 2 && length < 126) || (size === 8 && length < 65_536)) {
      throw new Error(`a length of ${length} was encoded in ${size} bytes`);
    }
    return length;
  }

  private finishFrame(): void {
    const mask = this.masked ? Buffer.from(this.header.subarray(this.headerSize - 4, this.headerSize)) : null;
    const first = this.header[0]!;
    const payload = mask ? applyMask(this.payload!, mask) : this.payload!;
    this.payload = undefined;
    this.payloadBytes = this.headerBytes = 0;
    this.headerSize = 2;
    this.onFrame({ fin: (first & 0x80) !== 0, rsv: (first >> 4) & 7, opcode: first & 15, mask, payload });
  }
}

function lengthSize(header: Buffer): 0 | 2 | 8 {
  const short = header[1]! & 0x7f;
  return short === 126 ? 2 : short === 127 ? 8 : 0;
}

/** Puts frames together to messages, and refuses what RFC 6455 forbids a sender. */
export class MessageReader {
  private parts: ReceivedFrame[] = [];

  /** @param allowedRsv reserved bits that a negotiated extension claimed */
  constructor(
    private readonly onMessage: (message: Received) => void,
    private readonly sender: 'client' | 'server',
    private readonly allowedRsv: number,
  ) {}

  readonly push = (frame: ReceivedFrame): void => {
    this.check(frame);
    if (frame.opcode >= 8) return this.emit([frame]);
    this.parts.push(frame);
    if (!frame.fin) return;
    const parts = this.parts;
    this.parts = [];
    this.emit(parts);
  };

  private check({ fin, rsv, opcode, mask, payload }: ReceivedFrame): void {
    if ((mask !== null) !== (this.sender === 'client')) {
      throw new Error(`the ${this.sender} sent a ${mask ? 'masked' : 'bare'} frame`);
    }
    // RFC 7692 §6.1: an extension's bit stands on the first frame of a message only
    const allowed = opcode === Opcode.text || opcode === Opcode.binary ? this.allowedRsv : 0;
    if ((rsv & ~allowed) !== 0) throw new Error(`reserved bits ${rsv} were set`);
    if (opcode >= 8 && (!fin || payload.length > 125)) throw new Error('an illegal control frame was sent');
    if (opcode < 8 && (opcode === Opcode.continuation) === (this.parts.length === 0)) {
      throw new Error(`opcode ${opcode} was sent ${this.parts.length} frames into a message`);
    }
  }

  private emit(parts: ReceivedFrame[]): void {
    const { opcode, rsv } = parts[0]!;
    const kind = kinds.get(opcode);
    if (kind === undefined) throw new Error(`the reserved opcode ${opcode} was sent`);
    const payload = parts.length === 1 ? parts[0]!.payload : Buffer.concat(parts.map((part) => part.payload));
    if (kind === 'text' && rsv === 0 && !isUtf8(payload)) throw new Error('a text message was not UTF-8');
    this.onMessage({ kind, payload, rsv, frames: parts.length });
  }
}

/** Short enough to read in a diff, exact enough to tell any two messages apart. */
export function inWords({ kind, payload }: Pick<Received, 'kind' | 'payload'>): string {
  if (kind === 'close') {
    return payload.length < 2 ? 'close without a code' : `close ${payload.readUInt16BE()}`;
  }
  if (payload.length === 0) return `empty ${kind}`;
  if (payload.length <= 32)
    return `${kind} ${kind === 'text' ? payload.toString() : payload.toString('hex')}`;
  const digest = createHash('sha1').update(payload).digest('hex').slice(0, 8);
  return `${kind} of ${payload.length} bytes #${digest}`;
}
