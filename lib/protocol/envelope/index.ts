export {
  ACK_EVENT,
  CLOSE_EVENT,
  type CloseData,
  type ChannelStart,
  GAP_EVENT,
  JOINED_EVENT,
  type MissedMessages,
  PING_EVENT,
  PONG_EVENT,
  RESUME_EVENT,
  SESSION_EVENT,
  type SessionData,
  readReceived,
  readResume,
} from './control.js';
export { MalformedMessage, decodeClientMessage } from './decode.js';
export { encodeException, encodeItem, encodeMessage, encodePublication } from './encode.js';
export {
  CANCEL_EVENT,
  EXCEPTION_EVENT,
  type ClientMessage,
  type ExceptionData,
  type MessageId,
  RESERVED_PREFIX,
} from './envelope.js';
