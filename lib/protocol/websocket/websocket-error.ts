import { NestwireError } from '../../errors/index.js';
import { CloseCode } from './close-code.js';

/** What a peer did wrong. The names are those of `ws`, so that code which switches on them moves over. */
export type WebSocketErrorCode =
  | 'WS_ERR_EXPECTED_FIN'
  | 'WS_ERR_EXPECTED_MASK'
  | 'WS_ERR_UNEXPECTED_MASK'
  | 'WS_ERR_INVALID_CLOSE_CODE'
  | 'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH'
  | 'WS_ERR_INVALID_DATA'
  | 'WS_ERR_INVALID_LENGTH_ENCODING'
  | 'WS_ERR_INVALID_OPCODE'
  | 'WS_ERR_INVALID_UTF8'
  | 'WS_ERR_UNEXPECTED_RSV_1'
  | 'WS_ERR_UNEXPECTED_RSV_2_3'
  | 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH'
  | 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
  | 'WS_ERR_TOO_MANY_BUFFERED_PARTS'
  | 'WS_ERR_TOO_MANY_PENDING_PONGS'
  | 'WS_ERR_OUTBOUND_LIMIT'
  | 'WS_ERR_ENCODING';

/**
 * A violation that fails the connection (RFC 6455 §7.1.7) with `closeCode`. It is told to the `error`
 * listeners of that one connection and goes no further.
 */
export class WebSocketError extends NestwireError {
  constructor(
    readonly code: WebSocketErrorCode,
    readonly closeCode: number,
    message: string,
  ) {
    super(message);
  }
}

export const protocolError = (code: WebSocketErrorCode, message: string): WebSocketError =>
  new WebSocketError(code, CloseCode.protocolError, message);

/** RFC 6455 §7.4.1: 1009, a message that is too big for us to process. */
export const tooBig = (code: WebSocketErrorCode, message: string): WebSocketError =>
  new WebSocketError(code, CloseCode.messageTooBig, message);

/** RFC 6455 §8.1: a byte stream that is not UTF-8 fails the connection, with 1007 (§7.4.1). */
export const invalidUtf8 = (where: string): WebSocketError =>
  new WebSocketError('WS_ERR_INVALID_UTF8', CloseCode.invalidPayload, `${where} is not valid UTF-8`);

/** A compressed payload that can't be inflated: data not consistent with its message type, 1007. */
export const invalidDeflate = (why: string): WebSocketError =>
  new WebSocketError('WS_ERR_INVALID_DATA', CloseCode.invalidPayload, `message can't be inflated: ${why}`);
