export type { Broker, BrokerPublication, BrokerSubscription, HistoryBounds, Replay } from './broker.js';
export { Channel, type ChannelReplay, type ObserveOptions } from './channel.js';
export type { ChannelOptions, HistoryOptions } from './channel-options.js';
export { Channels } from './channels.js';
export {
  BrokerClosedError,
  BrokerUnavailableError,
  ChannelConflictError,
  ChannelGapError,
  InvalidChannelOptionsError,
  InvalidPersonError,
} from './errors.js';
export type {
  BrokerPresence,
  Person,
  Present,
  PresenceChange,
  PresenceEvent,
  PresenceOptions,
  PresenceState,
  PresentPerson,
  PrincipalOf,
} from './presence/index.js';
export { type Position, formatCursor, parseCursor } from './position.js';
export type { Publication } from './publication.js';
