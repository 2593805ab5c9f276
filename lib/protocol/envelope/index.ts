export { readRetryHint } from './retry-hint.js';
export {
  ACK_EVENT,
  CLOSE_EVENT,
  type CloseData,
  encodeClose,
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
  readCursors,
  readResume,
} from './control.js';
export { MalformedMessage, readClientMessage } from './client-message.js';
export {
  CANCEL_EVENT,
  type ClientMessage,
  EXCEPTION_EVENT,
  type ExceptionData,
  type MessageId,
  RESERVED_PREFIX,
} from './envelope.js';
