import { NestwireError } from '../../errors/index.js';

/** A method under `@SseEndpoint` returned something that is no stream. */
export class InvalidSseResultError extends NestwireError {
  readonly code = 'INVALID_SSE_RESULT';
}

/** An option of `@SseEndpoint`, or of `eventStreams`, that makes no sense. */
export class InvalidSseOptionsError extends NestwireError {
  readonly code = 'INVALID_SSE_OPTIONS';
}
