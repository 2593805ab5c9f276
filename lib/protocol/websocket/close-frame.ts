/** The payload of a close frame, RFC 6455 §5.5.1: nothing, or a code of two bytes and a UTF-8 reason. */
import { isUtf8 } from 'node:buffer';
import { CloseCode, isCloseCodeOnWire } from './close-code.js';
import { MAX_CONTROL_PAYLOAD } from './opcode.js';
import { invalidUtf8, protocolError } from './websocket-error.js';

const EMPTY = Buffer.alloc(0);
const MAX_REASON_BYTES = MAX_CONTROL_PAYLOAD - 2;

export interface CloseStatus {
  readonly code: number;
  readonly reason: string;
}

/** @throws WebSocketError 1002 for a bad length or code, 1007 for a reason that is not UTF-8 */
export function readClosePayload(payload: Buffer): CloseStatus {
  if (payload.length === 0) return { code: CloseCode.noStatus, reason: '' };
  if (payload.length === 1) {
    throw protocolError('WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH', 'close frame of 1 byte: a code takes 2');
  }
  const code = payload.readUInt16BE(0);
  if (!isCloseCodeOnWire(code)) {
    throw protocolError('WS_ERR_INVALID_CLOSE_CODE', `close code ${code} must not be sent`);
  }
  const reason = payload.subarray(2);
  if (!isUtf8(reason)) throw invalidUtf8('close reason');
  return { code, reason: reason.toString() };
}

/** @throws RangeError for a code that must not be sent, or a reason of more than 123 bytes */
export function checkCloseStatus(code: number | undefined, reason = ''): void {
  if (code !== undefined && !(Number.isInteger(code) && isCloseCodeOnWire(code))) {
    throw new RangeError(`close code ${code} must not be sent: 1000-1003, 1007-1014 or 3000-4999`);
  }
  const length = Buffer.byteLength(reason);
  if (length > MAX_REASON_BYTES) {
    throw new RangeError(`close reason of ${length} bytes exceeds the limit of ${MAX_REASON_BYTES}`);
  }
}

/** As much of a text as a close frame has room for, in whole code points. */
export function fitReason(text: string): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(MAX_REASON_BYTES));
  return text.slice(0, read);
}

/**
 * @param code undefined makes an empty payload, which has no room for a reason
 * @throws RangeError as `checkCloseStatus`
 */
export function writeClosePayload(code: number | undefined, reason: string): Buffer {
  checkCloseStatus(code, reason);
  if (code === undefined) return EMPTY;
  const payload = Buffer.allocUnsafe(2 + Buffer.byteLength(reason));
  payload.writeUInt16BE(code, 0);
  payload.write(reason, 2);
  return payload;
}
