export { CloseCode, isCloseCodeOnWire } from './close-code.js';
export type { CloseStatus } from './close-frame.js';
export { FIN, MAX_HEADER_BYTES, headerBytesFor, writeHeader } from './frame-header.js';
export { type FrameEvents, type FrameLimits, FrameReader } from './frame-reader.js';
export type { Role } from './frame-rules.js';
export { maskInto } from './mask.js';
export { Opcode, RSV1, RSV2, RSV3 } from './opcode.js';
export { WebSocketError, type WebSocketErrorCode } from './websocket-error.js';
export {
  type ConnectionEnd,
  type ConnectionState,
  type ProtocolEvents,
  type ProtocolOutput,
  WebSocketProtocol,
} from './websocket-protocol.js';
export { HandshakeError } from './handshake/handshake-error.js';
export { acceptKey, writeRefusal, writeSwitchingProtocols } from './handshake/handshake-response.js';
export { listHasToken, readTokenList } from './handshake/header-lists.js';
export {
  type OpeningHandshake,
  type RequestHead,
  SUPPORTED_VERSION,
  readOpeningHandshake,
} from './handshake/opening-handshake.js';
