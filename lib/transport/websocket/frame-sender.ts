/** Frames on their way into an outbox: header and payload side by side in one buffer, wherever that pays. */
import { FIN, type Role, headerBytesFor, maskInto, writeHeader } from '../../protocol/websocket/index.js';
import { nextMaskKey } from './mask-keys.js';
import type { Outbox } from './outbox.js';

/** Up to this size copying a payload behind its header is cheaper than a gathered write. */
const COPY_UP_TO_BYTES = 16 * 1024;

/**
 * @param firstByte reserved bits and opcode; FIN is added
 * @param payload not to be changed by the caller afterwards: a large one is sent from where it is
 */
export function sendFrame(outbox: Outbox, role: Role, firstByte: number, payload: Buffer): void {
  const masked = role === 'client';
  const size = headerBytesFor(payload.length, masked);
  if (!masked && payload.length > COPY_UP_TO_BYTES && !outbox.isBlocked) {
    const header = Buffer.allocUnsafe(size);
    writeHeader(header, 0, FIN | firstByte, payload.length);
    outbox.pushInTwo(header, payload);
    return;
  }
  const at = outbox.reserve(size + payload.length);
  writeFrame(outbox.room, at, role, FIN | firstByte, payload);
}

/** A frame in a buffer of its own, for more than one connection or for the control queue. */
export function makeFrame(role: Role, firstByte: number, payload: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(headerBytesFor(payload.length, role === 'client') + payload.length);
  writeFrame(frame, 0, role, FIN | firstByte, payload);
  return frame;
}

function writeFrame(target: Buffer, at: number, role: Role, firstByte: number, payload: Buffer): void {
  const key = role === 'client' ? nextMaskKey() : undefined;
  const body = writeHeader(target, at, firstByte, payload.length, key);
  if (key === undefined) target.set(payload, body);
  else maskInto(payload, 0, payload.length, key, target, body);
}

/** A text message from a string, encoded straight into its frame. */
export function sendText(outbox: Outbox, role: Role, firstByte: number, text: string): void {
  if (text.length > COPY_UP_TO_BYTES) return sendLongText(outbox, role, firstByte, text);
  const length = Buffer.byteLength(text);
  if (length > COPY_UP_TO_BYTES) return sendFrame(outbox, role, firstByte, Buffer.from(text));
  const key = role === 'client' ? nextMaskKey() : undefined;
  const at = outbox.reserve(headerBytesFor(length, key !== undefined) + length);
  const room = outbox.room;
  const body = writeHeader(room, at, FIN | firstByte, length, key);
  // Pure ASCII, which most text is, has as many bytes as characters and is the cheaper to write
  room.write(text, body, length, length === text.length ? 'latin1' : 'utf8');
  if (key !== undefined) maskInto(room, body, length, key, room, body);
}

const utf8 = new TextEncoder();
const SERVER_HEADER_BYTES = headerBytesFor(Infinity, false);

/**
 * Counting the bytes of a long text costs as much as encoding it. So there is room for as many as it has
 * characters, which is enough for most texts; of others what did not fit follows as a second part.
 */
function sendLongText(outbox: Outbox, role: Role, firstByte: number, text: string): void {
  if (role === 'client') return sendFrame(outbox, role, firstByte, Buffer.from(text));
  const room = Buffer.allocUnsafe(SERVER_HEADER_BYTES + text.length);
  const { read, written } = utf8.encodeInto(text, room.subarray(SERVER_HEADER_BYTES));
  const rest = read === text.length ? undefined : Buffer.from(text.slice(read));
  const length = written + (rest?.length ?? 0);
  const from = SERVER_HEADER_BYTES - headerBytesFor(length, false);
  writeHeader(room, from, FIN | firstByte, length);
  const frame = room.subarray(from, SERVER_HEADER_BYTES + written);
  if (rest === undefined) outbox.push(frame);
  else if (outbox.isBlocked) outbox.push(Buffer.concat([frame, rest]));
  else outbox.pushInTwo(frame, rest);
}
