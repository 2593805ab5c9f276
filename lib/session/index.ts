export { tooSlow } from './exceptions.js';
export { Outbound } from './outbound.js';
export { createOutlet } from './outlet.js';
export { discard } from './result.js';
export { type StreamReader, readStream } from './stream-reader.js';
export { checkClose } from './check-close.js';
export { type CloseDetails, SessionCloseCode } from './close-details.js';
export { type ChannelName, readChannelName } from './channel-name.js';
export {
  ChannelLimitError,
  InvalidChannelNameError,
  InvalidCloseError,
  ReservedEventError,
} from './errors.js';
export { Deadlines } from './deadlines.js';
export { VALIDATION_FAILED, notEncodable } from './exceptions.js';
export { GatewaySession, type JoinOptions } from './gateway-session.js';
export { DEFAULT_LIMITS, InvalidLimitError, type Limits, resolveLimits } from './limits.js';
export type { SessionLocator } from './locator.js';
export type { JoinResult } from './join-result.js';
export type { ChannelMember, Membership } from './membership.js';
export type { MessageHandler, SessionHost } from './message-handler.js';
export { type Outlet, sizeOf } from './outbound.js';
export type { Overflow } from './overflow.js';
export { PreparedMessage } from './prepared-message.js';
export { queryOf } from './request-query.js';
export { ResumableSession } from './resumable-session.js';
export { ResumableSessions } from './resumable-sessions.js';
export { StartedStream, type StreamSource, isStream, isThenable } from './result.js';
export { ReturningSession } from './returning-session.js';
export { Session } from './session.js';
export type { SessionOrigin } from './session-origin.js';
export { isNodeId, newNodeId, newSessionId, nodeOf } from './session-id.js';
export { type SessionTicket, parseSessionTicket } from './session-ticket.js';
export type {
  Outgoing,
  SessionTransport,
  TransportEvents,
  TransportKind,
  TransportOffer,
} from './transport.js';
