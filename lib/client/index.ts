export { defineProtocol } from '../protocol/index.js';
export type { BackOffOptions } from './back-off.js';
export type { Client } from './client.js';
export type { ConnectOptions } from './client-options.js';
export type { ClientCodec } from './codec/client-codec.js';
export { msgpack } from './codec/msgpack.js';
export { connect } from './connect.js';
export {
  ClientClosedError,
  InvalidClientOptionError,
  OutcomeUnknownError,
  QueueFullError,
  RequestAbortedError,
  RequestFailedError,
  RequestTimedOutError,
} from './errors.js';
export { EventStream, type EventStreamOptions } from './event-stream-source.js';
export type { Gap } from './gap.js';
export type { RequestOptions } from './pending-request.js';
export type { Status } from './status.js';
export type { TransportKind } from './transport/transport.js';
export type { WebSocketClass, WebSocketLike } from './transport/web-socket.js';
