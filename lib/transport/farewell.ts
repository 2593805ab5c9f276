import { encodeClose, readRetryHint } from '../protocol/envelope/index.js';
import { checkCloseStatus } from '../protocol/websocket/index.js';

/** What a close frame says, for transports over plain HTTP: the last message of a connection. */
export interface Farewell {
  readonly code: number;
  readonly reason: string;
  /** The message that says so. */
  readonly text: string;
  /** When the client is to come back, if that is known. */
  readonly retryMs: number | undefined;
}

/** @throws RangeError for a code that must not be sent or a reason of more than 123 bytes */
export function farewell(code: number, reason: string): Farewell {
  checkCloseStatus(code, reason);
  return { code, reason, text: encodeClose({ code, reason }), retryMs: readRetryHint(reason) };
}
