import { isCloseCodeOnWire } from '../protocol/websocket/index.js';
import { InvalidCloseError } from './errors.js';

const MAX_REASON_BYTES = 123;

/** @throws InvalidCloseError for a code that must not be sent, or a reason that is too long */
export function checkClose(code: number, reason: string): void {
  if (!isCloseCodeOnWire(code)) throw new InvalidCloseError(`close code ${code} must not be sent`);
  const bytes = Buffer.byteLength(reason);
  if (bytes > MAX_REASON_BYTES) {
    throw new InvalidCloseError(`close reason of ${bytes} bytes exceeds the limit of ${MAX_REASON_BYTES}`);
  }
}
