import { isCloseCodeOnWire } from '../protocol/websocket/index.js';
import { InvalidCloseError } from './errors.js';

/** RFC 6455 §5.5: what a control frame's 125 bytes leave beside the code. */
const MAX_REASON_BYTES = 123;

/** @throws InvalidCloseError for a code that must not be sent, or a longer reason */
export function checkClose(code: number, reason: string): void {
  if (!isCloseCodeOnWire(code)) throw new InvalidCloseError(`close code ${code} must not be sent`);
  const bytes = Buffer.byteLength(reason);
  if (bytes > MAX_REASON_BYTES) {
    throw new InvalidCloseError(`close reason of ${bytes} bytes exceeds the limit of ${MAX_REASON_BYTES}`);
  }
}
