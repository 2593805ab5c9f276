// Nest needs it loaded before any of its own modules
import 'reflect-metadata';

export {
  type Broker,
  type BrokerPresence,
  type BrokerPublication,
  type BrokerSubscription,
  BrokerUnavailableError,
  Channel,
  ChannelConflictError,
  ChannelGapError,
  type ChannelOptions,
  type ChannelReplay,
  Channels,
  type HistoryBounds,
  type HistoryOptions,
  InvalidChannelOptionsError,
  InvalidPersonError,
  type Mailboxes,
  type ObserveOptions,
  type OpenMailbox,
  type Person,
  type Position,
  type Present,
  type PresenceChange,
  type PresenceEvent,
  type PresenceOptions,
  type PresenceState,
  type PresentPerson,
  type Publication,
  type PublishOptions,
  type Replay,
} from './channel/index.js';
export type { ConnectionDiagnostic, NestwireDiagnostics } from './diagnostics/index.js';
export { NestwireError } from './errors/index.js';
export * from './nest/index.js';
export * from './protocol/index.js';
export { InvalidEventError } from './protocol/event-stream/index.js';
export {
  ChannelLimitError,
  type ChannelName,
  type CloseDetails,
  DEFAULT_LIMITS,
  GatewaySession,
  InvalidChannelNameError,
  InvalidCloseError,
  InvalidLimitError,
  type JoinOptions,
  type JoinResult,
  type Limits,
  type Overflow,
  ReservedEventError,
  type TransportKind,
} from './session/index.js';
export type { OriginPolicy } from './transport/websocket/index.js';
