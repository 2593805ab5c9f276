import { NestwireError } from '../errors/index.js';

/** A session wants to be in more channels than `limits.channels`. */
export class ChannelLimitError extends NestwireError {
  readonly code = 'CHANNEL_LIMIT';
  readonly statusCode = 429;

  constructor(limit: number) {
    super(`a session may join ${limit} channels, not more`);
  }
}

/** A close code or reason that must not be sent. */
export class InvalidCloseError extends NestwireError {
  readonly code = 'INVALID_CLOSE';
}

/** What should name a channel does not. */
export class InvalidChannelNameError extends NestwireError {
  readonly code = 'INVALID_CHANNEL_NAME';
  readonly statusCode = 400;
}

/** An event that the application sends has a name of the library's. */
export class ReservedEventError extends NestwireError {
  readonly code = 'RESERVED_EVENT';

  constructor(event: string) {
    super(`"${event}": names that begin with "nestwire:" are reserved`);
  }
}
