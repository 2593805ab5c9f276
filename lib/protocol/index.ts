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
export { type PayloadIssue, PayloadRefusedError } from './validate-payload.js';
