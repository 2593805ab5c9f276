/** Every rule that a frame's header can break, as pure functions of the header and what came before. */
import { MAX_CONTROL_PAYLOAD, Opcode, RSV1, isControl } from './opcode.js';
import { FIN, MASKED, RSV_BITS } from './frame-header.js';
import { protocolError, tooBig } from './websocket-error.js';

/** Which side we are: a server demands masked frames, a client frames that are not (RFC 6455 §5.1). */
export type Role = 'server' | 'client';

/**
 * @param claimedRsv the reserved bits that negotiated extensions use
 * @param inMessage whether a fragmented message waits for its continuation
 * @throws WebSocketError 1002
 */
export function checkFirstByte(first: number, claimedRsv: number, inMessage: boolean): void {
  const opcode = first & 0x0f;
  checkOpcode(opcode, inMessage);
  // RFC 6455 §5.4, §5.5: control frames may come between fragments, but are never fragmented themselves
  if (isControl(opcode) && !(first & FIN)) {
    throw protocolError('WS_ERR_EXPECTED_FIN', `control frame with opcode ${opcode} is fragmented`);
  }
  // RFC 7692 §6.1: RSV1 belongs to the first frame of a message, never to a continuation or control frame
  const allowed = isControl(opcode) || opcode === Opcode.continuation ? 0 : claimedRsv;
  const unexpected = first & RSV_BITS & ~allowed;
  if (unexpected !== 0) throw unexpectedRsv(unexpected);
}

function checkOpcode(opcode: number, inMessage: boolean): void {
  if ((opcode > Opcode.binary && opcode < Opcode.close) || opcode > Opcode.pong) {
    throw protocolError('WS_ERR_INVALID_OPCODE', `opcode ${opcode} is reserved`);
  }
  if (opcode === Opcode.continuation && !inMessage) {
    throw protocolError('WS_ERR_INVALID_OPCODE', 'continuation frame without a message to continue');
  }
  if ((opcode === Opcode.text || opcode === Opcode.binary) && inMessage) {
    throw protocolError('WS_ERR_INVALID_OPCODE', `opcode ${opcode} inside a fragmented message`);
  }
}

function unexpectedRsv(bits: number): Error {
  if (bits & RSV1) return protocolError('WS_ERR_UNEXPECTED_RSV_1', 'RSV1 is set where no extension uses it');
  return protocolError('WS_ERR_UNEXPECTED_RSV_2_3', 'RSV2 or RSV3 is set where no extension uses it');
}

/** @throws WebSocketError 1002 */
export function checkSecondByte(first: number, second: number, role: Role): void {
  const masked = (second & MASKED) !== 0;
  // RFC 6455 §5.1: a server closes on a frame that is not masked, a client on one that is
  if (role === 'server' && !masked) throw protocolError('WS_ERR_EXPECTED_MASK', 'client frame is not masked');
  if (role === 'client' && masked) throw protocolError('WS_ERR_UNEXPECTED_MASK', 'server frame is masked');
  if (isControl(first & 0x0f) && (second & 0x7f) > MAX_CONTROL_PAYLOAD) {
    throw protocolError(
      'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH',
      `control frame length ${second & 0x7f} exceeds the limit of ${MAX_CONTROL_PAYLOAD}`,
    );
  }
}

/**
 * @param length as `payloadLength` read it
 * @throws WebSocketError 1002 for a bad encoding, 1009 beyond `limit`, before any of it is received
 */
export function checkLength(length: number, received: number, limit: number): void {
  if (Number.isNaN(length)) {
    throw protocolError(
      'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH',
      'most significant bit of a 64-bit length is set',
    );
  }
  if (length < 0) {
    throw protocolError('WS_ERR_INVALID_LENGTH_ENCODING', 'frame length is not encoded in the fewest bytes');
  }
  if (received + length > limit) {
    const what = received === 0 ? 'frame' : 'message';
    throw tooBig(
      'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
      `${what} of ${received + length} bytes exceeds the limit of ${limit}`,
    );
  }
}
