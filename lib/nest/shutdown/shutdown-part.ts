/** What `Shutdown` asks of those who serve clients. */

/** A client that is to be told that the server goes away. */
export interface Departing {
  /** The events of its requests that run or wait now. */
  readonly unfinished: readonly string[];
  /**
   * Tells it to come back after `retryMs`. Its running requests finish first, until `hurry` settles. Never
   * rejects; settles when it was told, which is before it is gone.
   */
  leave(retryMs: number, hurry: Promise<void>): Promise<void>;
}

export interface ShutdownPart {
  /** Answers newcomers with 503 from now on. @returns those who are here */
  refuseNewcomers(): Departing[];
  /** Called when all were told; settles when nobody is left that has to be waited for. */
  emptied(): Promise<void>;
  /** Drops who is left: the time is up. */
  cutOff(): void;
  /** Lets go of servers and runs. */
  close(): Promise<void>;
}
