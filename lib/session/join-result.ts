/** How a session came into a channel. */
export interface JoinResult {
  /** Whether nothing is missing since the cursor that was given; undefined when none was. */
  readonly recovered?: boolean;
  /** What follows comes right after it; undefined where it is not known, as in a channel without history. */
  readonly cursor?: string;
}
