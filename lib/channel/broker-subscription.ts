export interface BrokerSubscription {
  /**
   * Settled when nothing published from now on will be missed; rejects when that cannot be had. Each look at it
   * asks anew: after a rejection the next one may settle.
   */
  readonly ready: Promise<void>;
  /** Nothing is delivered any more, from this call on. Calling again does nothing. */
  close(): void;
}
