export type { BrokerPresence, PresenceChange, PresenceState, PresentPerson } from './broker-presence.js';
export type { PrincipalOf } from './local-people.js';
export { LocalPresence, type PresenceOwner } from './local-presence.js';
export type { Present, PresenceEvent } from './presence-event.js';
export {
  type Person,
  type PresenceOptions,
  type ResolvedPresenceOptions,
  isSamePresence,
  resolvePresence,
} from './presence-options.js';
