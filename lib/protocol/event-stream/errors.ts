import { NestwireError } from '../../errors/index.js';

/** An event with a field that cannot be written as one: a line break in its id, for instance. */
export class InvalidEventError extends NestwireError {
  readonly code = 'INVALID_EVENT';
}

/** A server sent more for one event than the reader is willing to hold. */
export class EventTooLargeError extends NestwireError {
  readonly code = 'EVENT_TOO_LARGE';

  constructor(limit: number) {
    super(`an event of more than ${limit} characters exceeds the limit`);
  }
}
