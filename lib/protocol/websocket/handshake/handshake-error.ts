import { NestwireError } from '../../../errors/index.js';

/**
 * A refused opening handshake: an HTTP answer instead of the 101. `message` is its plain-text body, so
 * it says nothing that the peer may not read.
 */
export class HandshakeError extends NestwireError {
  readonly code = 'HANDSHAKE_REFUSED';

  /**
   * @param status HTTP status, 400-599
   * @param message plain reason, sent as the body
   * @param headers further headers of the answer
   */
  constructor(
    readonly status: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}
