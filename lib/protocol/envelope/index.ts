export { MalformedMessage, decodeClientMessage } from './decode.js';
export { encodeException, encodeItem, encodeMessage, encodePublication } from './encode.js';
export {
  CANCEL_EVENT,
  EXCEPTION_EVENT,
  type ClientMessage,
  EXCEPTION_EVENT,
  type ExceptionData,
  type MessageId,
  RESERVED_PREFIX,
} from './envelope.js';
