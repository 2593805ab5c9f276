/** What a poll of a stream is answered with. */

export interface PolledEvent {
  readonly event: string;
  readonly data: unknown;
  /** The place after this event. */
  readonly cursor: string;
}

export interface PollAnswer {
  readonly events: readonly PolledEvent[];
  /** What to ask with next time. */
  readonly cursor: string;
  /** The stream has ended: there is nothing to ask for any more. */
  readonly done?: true;
  /** The server goes away: ask again after so long. */
  readonly retryMs?: number;
}

/** Of an answer without a body: the cursor to ask with next time. */
export const CURSOR_HEADER = 'Nestwire-Cursor';

/** Whether what follows the cursor that the client came with is there without a gap. */
export const RECOVERED_HEADER = 'Nestwire-Recovered';

/** An event of ours: something between the client's cursor and the next event is lost. */
export const GAP_EVENT = 'nestwire:gap';

/** An event of ours: the stream is complete. */
export const DONE_EVENT = 'nestwire:done';

/** The stream failed. */
export const ERROR_EVENT = 'error';
