/** The frames in what was written, read by rules of their own: nothing is shared with the code under test. */
import { masked } from '../../protocol/websocket/frames.js';

export interface ReceivedFrame {
  readonly opcode: number;
  readonly fin: boolean;
  readonly rsv: number;
  readonly isMasked: boolean;
  readonly payload: Buffer;
}

/** @throws Error when the bytes do not end with a frame */
export function framesIn(bytes: Buffer): ReceivedFrame[] {
  const frames: ReceivedFrame[] = [];
  let at = 0;
  while (at < bytes.length) {
    const { frame, end } = frameAt(bytes, at);
    if (end > bytes.length) throw new Error(`${end - bytes.length} bytes of the last frame are missing`);
    frames.push(frame);
    at = end;
  }
  return frames;
}

function frameAt(bytes: Buffer, at: number): { frame: ReceivedFrame; end: number } {
  const first = bytes.readUInt8(at);
  const second = bytes.readUInt8(at + 1);
  const isMasked = second >= 0x80;
  const { length, body } = readLength(bytes, at + 2, second & 0x7f);
  const start = body + (isMasked ? 4 : 0);
  const raw = bytes.subarray(start, start + length);
  const payload = isMasked ? masked(raw, Array.from(bytes.subarray(body, start))) : raw;
  const frame = { opcode: first & 0x0f, fin: first >= 0x80, rsv: first & 0x70, isMasked, payload };
  return { frame, end: start + length };
}

function readLength(bytes: Buffer, at: number, short: number): { length: number; body: number } {
  if (short === 126) return { length: bytes.readUInt16BE(at), body: at + 2 };
  if (short === 127) return { length: Number(bytes.readBigUInt64BE(at)), body: at + 8 };
  return { length: short, body: at };
}

const NAMES: Readonly<Record<number, string>> = { 1: 'text', 2: 'binary', 8: 'close', 9: 'ping', 10: 'pong' };

/** The same as lines to compare: "text Hello". Of a close frame the code is written out. */
export const linesIn = (bytes: Buffer): string[] =>
  framesIn(bytes).map(({ opcode, payload }) =>
    `${NAMES[opcode] ?? opcode} ${contentOf(opcode, payload)}`.trim(),
  );

function contentOf(opcode: number, payload: Buffer): string {
  if (opcode !== 8 || payload.length < 2) return payload.toString();
  return `${payload.readUInt16BE(0)} ${payload.toString('utf8', 2)}`;
}
