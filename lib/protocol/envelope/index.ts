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
