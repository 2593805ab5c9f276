/** `nestwire/websocket`: the RFC 6455 core by itself, without Nest. */
export {
  CloseCode,
  HandshakeError,
  WebSocketError,
  type WebSocketErrorCode,
} from '../../protocol/websocket/index.js';
export type { OpeningHandshake } from '../../protocol/websocket/index.js';
export { Admission, type AdmissionOptions } from '../admission/index.js';
export type { HeartbeatTimes } from './heartbeat.js';
export { type ConnectionOptions, type GivenConnectionOptions, connectionOptions } from './options.js';
export { type OriginPolicy, checkOrigin } from './origin-policy.js';
export type { BinaryType, SendData } from './payload.js';
export type { VerifyInfo, WebSocketServerOptions } from './server-options.js';
export { acceptSession } from './session-transport.js';
export {
  type AcceptOptions,
  type Answer,
  acceptUpgrade,
  endAnswered,
  pathOf,
  readUpgrade,
  refuseUpgrade,
  survive,
} from './upgrade.js';
export { PendingHandshake } from './pending-handshake.js';
export { type UpgradeRules, receiveUpgrade } from './receive-upgrade.js';
export { forgetResponses, hasPendingResponse, watchResponses } from './pending-responses.js';
export { leaveToOthers, listenForUpgrades } from './upgrade-listener.js';
export { createUpgradeOnlyServer } from './upgrade-only-server.js';
export { WebSocket } from './web-socket.js';
export {
  CloseEvent,
  ErrorEvent,
  type EventListenerOf,
  type WebSocketEvents,
} from './websocket-event-target.js';
export { createWebSocketStream } from './websocket-stream.js';
export type { SendCallback, SendOptions, WebSocketEventMap } from './websocket-types.js';
export {
  type ClientOptions,
  HandshakeFailedError,
  UnexpectedResponseError,
} from './client/client-options.js';
export { InvalidUpgradeError } from '../../protocol/websocket/index.js';
export {
  type BroadcastOptions,
  type ConnectionCallback,
  WebSocketServer,
  type WebSocketServerEventMap,
} from './web-socket-server.js';
export type { PerMessageDeflateOptions } from './deflate/deflate-options.js';
export { perMessageDeflate } from './deflate/permessage-deflate.js';
export { extensionsOf } from './extensions-of.js';
export type {
  AcceptedOffer,
  Extension,
  ExtensionParameters,
  MessageTransform,
  OutgoingMessage,
  SharedEncoding,
  TransformLimits,
} from '../../protocol/websocket/index.js';
