import {
  ACK_EVENT,
  type ClientMessage,
  PING_EVENT,
  RESUME_EVENT,
  readReceived,
} from '../protocol/envelope/index.js';

/** A resumable session, as its client's control messages see it. */
export interface ControlledSession {
  /** @returns false when there is nothing to resume now */
  resume(message: ClientMessage): boolean;
  /** The client has got the first `received` messages. */
  acknowledge(received: number): void;
  pong(): void;
}

/** @returns false for a control message that means nothing to the session */
export function obeyControl(message: ClientMessage, session: ControlledSession): boolean {
  if (message.event === RESUME_EVENT) return session.resume(message);
  const isPing = message.event === PING_EVENT;
  const received = readReceived(message.data);
  if (!isPing && (message.event !== ACK_EVENT || received === undefined)) return false;
  if (received !== undefined) session.acknowledge(received);
  if (isPing) session.pong();
  return true;
}
