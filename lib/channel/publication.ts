/** One item of a channel. */
export interface Publication<T = unknown> {
  readonly data: T;
  /** Where it stands, for `observe({ from })` and for clients; undefined in a channel without history. */
  readonly cursor: string | undefined;
}
