/** Frames as bytes, legal or not, made without the code under test (RFC 6455 §5.2). */

export const TEXT = 0x1;
export const BINARY = 0x2;
export const CONTINUATION = 0x0;
export const CLOSE = 0x8;
export const PING = 0x9;
export const PONG = 0xa;

export interface FrameOptions {
  readonly fin?: boolean;
  /** Reserved bits, as they stand in the first byte. */
  readonly rsv?: number;
  /** Four octets; left out: not masked. */
  readonly key?: readonly number[];
  /** Bits of the length encoding. Default: the fewest. */
  readonly lengthBits?: 7 | 16 | 64;
}

/** The key of the examples in RFC 6455 §5.7. */
export const KEY: readonly number[] = [0x37, 0xfa, 0x21, 0x3d];

/** RFC 6455 §5.3, one octet after the other. */
export const masked = (payload: Uint8Array, key: readonly number[]): Buffer =>
  Buffer.from(payload.map((octet, i) => octet ^ key[i % 4]!));

export function frame(opcode: number, content: string | Uint8Array = '', options: FrameOptions = {}): Buffer {
  const { fin = true, rsv = 0, key } = options;
  const payload = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content);
  return Buffer.concat([
    Buffer.of((fin ? 0x80 : 0) | rsv | opcode),
    lengthField(payload.length, key !== undefined, options.lengthBits),
    Buffer.from(key ?? []),
    key === undefined ? payload : masked(payload, key),
  ]);
}

/** As a client sends it. */
export const clientFrame = (opcode: number, content?: string | Uint8Array, options?: FrameOptions): Buffer =>
  frame(opcode, content, { key: KEY, ...options });

/** The payload of a close frame. */
export function closePayload(code: number, reason: string | Uint8Array = ''): Buffer {
  return Buffer.concat([Buffer.of(code >> 8, code & 0xff), Buffer.from(reason)]);
}

/** A header that declares `length` bytes of payload, of which none follow. */
export function headerDeclaring(opcode: number, length: bigint, options: FrameOptions = {}): Buffer {
  const { fin = true, key } = options;
  const field = Buffer.alloc(9);
  field[0] = (key ? 0x80 : 0) | 127;
  field.writeBigUInt64BE(length, 1);
  return Buffer.concat([Buffer.of((fin ? 0x80 : 0) | opcode), field, Buffer.from(key ?? [])]);
}

function lengthField(length: number, isMasked: boolean, bits = fewestBits(length)): Buffer {
  const maskBit = isMasked ? 0x80 : 0;
  if (bits === 7) return Buffer.of(maskBit | length);
  const field = Buffer.alloc(bits === 16 ? 3 : 9);
  field[0] = maskBit | (bits === 16 ? 126 : 127);
  if (bits === 16) field.writeUInt16BE(length, 1);
  else field.writeBigUInt64BE(BigInt(length), 1);
  return field;
}

function fewestBits(length: number): 7 | 16 | 64 {
  if (length < 126) return 7;
  return length < 65_536 ? 16 : 64;
}
