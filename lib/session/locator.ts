/**
 * The port between a client that comes back and the session that it left, wherever that is. Implemented by
 * `ResumableSessions` for the memory of one process. A broker that knows the sessions of other processes can
 * implement it later.
 */
import type { ResumableSession } from './resumable-session.js';
import type { SessionTicket } from './session-ticket.js';

export interface SessionLocator {
  /**
   * The session, when it can be resumed here. Undefined when it has ended, when the process that owned it is
   * gone, and when the secret is wrong: nobody is told which of them.
   */
  find(ticket: SessionTicket): Promise<ResumableSession | undefined>;
}
