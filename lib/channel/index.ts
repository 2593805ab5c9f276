export type { Broker, BrokerPublication, HistoryBounds, Replay } from './broker.js';
export type { BrokerSubscription } from './broker-subscription.js';
export { Channel, type ChannelReplay, type ObserveOptions, type PublishOptions } from './channel.js';
export type { ChannelOptions, HistoryOptions } from './channel-options.js';
export { Channels } from './channels.js';
export { isJson } from './is-json.js';
export type { Mailboxes, OpenMailbox } from './mailboxes.js';
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
} from './presence/index.js';
export { type Position, formatCursor, parseCursor } from './position.js';
export type { Publication } from './publication.js';
