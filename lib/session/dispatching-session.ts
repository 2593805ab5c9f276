import type { ClientMessage } from '../protocol/envelope/index.js';
import type { AnswersOwner } from './answers.js';
import type { GatewaySession } from './gateway-session.js';
import type { ReadControl } from './waiting-requests.js';

/** The session, as its dispatcher knows it. */
export interface DispatchingSession extends GatewaySession, AnswersOwner, ReadControl {
  /**
   * A message with a reserved name.
   * @returns false when the session has no use for it
   */
  control?(message: ClientMessage): boolean;
  /** More messages a second than allowed, over and over. */
  tooManyMessages(): void;
}
