/** Who keeps resumable sessions while they have no connection. */
export interface SessionKeeper<Session> {
  /** There is a connection: from now on the session can be found, and does not expire. */
  attached(session: Session): void;
  /** There is none any more. */
  detached(session: Session): void;
  /** What it keeps without a connection grew by so many bytes, or shrank. */
  retained(session: Session, bytes: number): void;
  /** It is over, or about to be. */
  forget(session: Session): void;
}
