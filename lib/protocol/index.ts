export {
  type BodyFormat,
  type Codec,
  type Encoded,
  type MessagePackLibrary,
  type PublicationMessage,
  type ServerMessage,
  msgpack,
  raw,
} from './codec/index.js';
export {
  type AnyProtocol,
  type ClientEvent,
  type ClientMessages,
  InvalidProtocolError,
  type ItemInput,
  type PayloadOutput,
  type Protocol,
  type PushInput,
  type ReplyInput,
  type RequestMessage,
  type ServerEvent,
  type ServerMessages,
  type SilentMessage,
  type StreamMessage,
  defineProtocol,
} from './define-protocol.js';
export type {
  SchemaInput,
  SchemaIssue,
  SchemaOutput,
  SchemaResult,
  StandardSchema,
} from './standard-schema.js';
export { OutboundRefusedError } from './validate-outbound.js';
export { type PayloadIssue, PayloadRefusedError } from './validate-payload.js';
export {
  type ClientMessage,
  type ExceptionData,
  MalformedMessage,
  type MessageId,
  readClientMessage,
} from './envelope/index.js';
