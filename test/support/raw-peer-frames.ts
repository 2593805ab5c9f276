/**
 * Frames as plain values, legal or not, and their bytes. Nothing here is shared with lib: the tests would
 * otherwise agree with the core's own mistakes.
 */

export const Opcode = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

/** What to put on the wire. Whatever is left out is what a well-behaved sender would write. */
export interface FrameSpec {
  readonly opcode: number;
  readonly payload: Buffer;
  readonly fin?: boolean;
  /** The three reserved bits as one number, RSV1 being 4. */
  readonly rsv?: number;
  /** Four bytes, or null for no masking; left out: as the sender's role demands. */
  readonly mask?: Buffer | null;
  /** Which length encoding to use, minimal or not. */
  readonly lengthBits?: 7 | 16 | 64;
  /** The length to declare, true or not. */
  readonly declaredLength?: number | bigint;
}

type Content = string | Uint8Array;

const bytesOf = (content: Content): Buffer =>
  typeof content === 'string' ? Buffer.from(content) : Buffer.from(content);

/** RFC 6455 §5.7 uses this key in its examples. */
const exampleMask = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

/** A frame of any opcode, reserved ones included. */
export const frame = (opcode: number, content: Content = '', more: Partial<FrameSpec> = {}): FrameSpec => ({
  opcode,
  payload: bytesOf(content),
  ...more,
});

const framesOf =
  (opcode: number) =>
  (content?: Content, more?: Partial<FrameSpec>): FrameSpec =>
    frame(opcode, content, more);

export const text = framesOf(Opcode.text);
export const binary = framesOf(Opcode.binary);
export const continuation = framesOf(Opcode.continuation);
export const ping = framesOf(Opcode.ping);
export const pong = framesOf(Opcode.pong);
export const close = (code?: number, reason: Content = '', more?: Partial<FrameSpec>): FrameSpec =>
  frame(Opcode.close, closePayload(code, reason), more);

/** One message in several frames: the first carries the opcode, the last FIN. */
export function fragmented(first: FrameSpec, ...rest: Content[]): FrameSpec[] {
  const parts = rest.map((content, index) => continuation(content, { fin: index === rest.length - 1 }));
  return [{ ...first, fin: rest.length === 0 }, ...parts];
}

/** A message cut into fragments of `size` bytes. */
export function inFragmentsOf(size: number, { opcode, payload }: FrameSpec): FrameSpec[] {
  const parts: FrameSpec[] = [];
  for (let at = 0; at === 0 || at < payload.length; at += size) {
    parts.push({
      opcode: at === 0 ? opcode : Opcode.continuation,
      payload: payload.subarray(at, at + size),
      fin: at + size >= payload.length,
    });
  }
  return parts;
}

function closePayload(code: number | undefined, reason: Content): Buffer {
  if (code === undefined) return bytesOf(reason);
  const head = Buffer.alloc(2);
  head.writeUInt16BE(code);
  return Buffer.concat([head, bytesOf(reason)]);
}

/** The frame's bytes. `sender` decides about the mask where the spec leaves it out (RFC 6455 §5.1). */
export function encodeFrame(spec: FrameSpec, sender: 'client' | 'server'): Buffer {
  const mask = spec.mask === undefined ? (sender === 'client' ? exampleMask : null) : spec.mask;
  return Buffer.concat([encodeHeader(spec, mask), mask ? applyMask(spec.payload, mask) : spec.payload]);
}

function encodeHeader(spec: FrameSpec, mask: Buffer | null): Buffer {
  const declared = spec.declaredLength ?? spec.payload.length;
  const bits = spec.lengthBits ?? (declared < 126 ? 7 : declared < 65_536 ? 16 : 64);
  const header = Buffer.alloc(bits === 7 ? 2 : bits === 16 ? 4 : 10);
  header[0] = ((spec.fin ?? true) ? 0x80 : 0) | ((spec.rsv ?? 0) << 4) | spec.opcode;
  header[1] = (mask ? 0x80 : 0) | (bits === 7 ? Number(declared) : bits === 16 ? 126 : 127);
  if (bits === 16) header.writeUInt16BE(Number(declared), 2);
  if (bits === 64) header.writeBigUInt64BE(BigInt(declared), 2);
  return mask ? Buffer.concat([header, mask]) : header;
}

/** RFC 6455 §5.3: octet i of the payload XOR octet i modulo 4 of the key. */
export function applyMask(payload: Uint8Array, mask: Uint8Array): Buffer {
  const out = Buffer.from(payload);
  for (let i = 0; i < out.length; i++) out[i]! ^= mask[i & 3]!;
  return out;
}
