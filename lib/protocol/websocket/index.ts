export { CloseCode, isCloseCodeOnWire } from './close-code.js';
export { checkCloseStatus } from './close-frame.js';
export { FIN, headerBytesFor, writeHeader } from './frame-header.js';
export type { FrameLimits } from './frame-reader.js';
export type { Role } from './frame-rules.js';
export { maskInto } from './mask.js';
export { MAX_CONTROL_PAYLOAD, Opcode, RSV1 } from './opcode.js';
export {
  WebSocketError,
  type WebSocketErrorCode,
  invalidDeflate,
  invalidUtf8,
  tooBig,
} from './websocket-error.js';
export {
  type ConnectionEnd,
  type ConnectionState,
  type ProtocolEvents,
  type ProtocolOutput,
  WebSocketProtocol,
} from './websocket-protocol.js';
export { HandshakeError } from './handshake/handshake-error.js';
export { acceptKey, writeRefusal, writeSwitchingProtocols } from './handshake/handshake-response.js';
export { type OpeningHandshake, readOpeningHandshake } from './handshake/opening-handshake.js';
export type {
  AcceptedOffer,
  Extension,
  MessageTransform,
  OutgoingMessage,
  SharedEncoding,
  TransformLimits,
} from './extensions/extension.js';
export type { ExtensionParameters } from './extensions/extension-header.js';
export {
  type NegotiatedExtension,
  acceptExtensions,
  confirmExtensions,
  offerExtensions,
  writeNegotiated,
} from './extensions/negotiate.js';
export {
  type DeflateParameters,
  type DeflatePreferences,
  PERMESSAGE_DEFLATE,
  answerOffer,
  readAnswer,
  writeOffers,
} from './extensions/deflate-parameters.js';
export {
  InvalidUpgradeError,
  checkOfferedSubprotocols,
  checkSwitchingProtocols,
  requestHeaders,
} from './handshake/client-handshake.js';
