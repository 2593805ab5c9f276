/** Something was missed and cannot be had any more: the application should load it anew. */
export interface Gap {
  /** The channel whose publications are missing; undefined: pushes and stream items of the session. */
  readonly channel: string | undefined;
  /** Where the channel goes on. */
  readonly cursor?: string | undefined;
}
