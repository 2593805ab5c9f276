import { NestwireError } from '../errors/index.js';
import type { Position } from './position.js';

/** A channel was declared before, with other options. */
export class ChannelConflictError extends NestwireError {
  readonly code = 'CHANNEL_CONFLICT';

  constructor(name: string) {
    super(`channel "${name}" is declared already, with other options`);
  }
}

/** What follows a cursor cannot be had without a gap: it is malformed, foreign, or older than the history. */
export class ChannelGapError extends NestwireError {
  readonly code = 'CHANNEL_GAP';
  readonly statusCode = 410;

  /** @param position where one can go on from, knowing that something is missing */
  constructor(
    channel: string,
    readonly position: Position,
  ) {
    super(`channel "${channel}" cannot be recovered from this cursor`);
  }
}

/** The broker was closed. */
export class BrokerClosedError extends NestwireError {
  readonly code = 'BROKER_CLOSED';

  constructor() {
    super('the broker is closed');
  }
}

/**
 * The broker's engine can't be reached, answers too late, or refuses. What was to be published may have been
 * published all the same.
 */
export class BrokerUnavailableError extends NestwireError {
  readonly code = 'BROKER_UNAVAILABLE';
  readonly statusCode = 503;
}

/** What the application said a person in a channel is can't be told to others. */
export class InvalidPersonError extends NestwireError {
  readonly code = 'INVALID_PERSON';
}

/** Options of a channel that make no sense. */
export class InvalidChannelOptionsError extends NestwireError {
  readonly code = 'INVALID_CHANNEL_OPTIONS';
}
