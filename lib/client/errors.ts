import { NestwireError } from '../errors/index.js';
import type { ExceptionData } from '../protocol/envelope/index.js';

/** The server answered with an exception. */
export class RequestFailedError extends NestwireError {
  /** The server's own constant: `VALIDATION_FAILED`, `FORBIDDEN`, … */
  readonly code: string;
  /** As in HTTP: 4xx is the client's doing, 5xx the server's. */
  readonly statusCode: number;
  /** What is wrong in particular, such as the issues of a refused payload. */
  readonly details: unknown;

  constructor(event: string, { code, statusCode, message, details }: ExceptionData) {
    super(`"${event}" failed with ${statusCode}: ${message}`);
    this.code = code;
    this.statusCode = statusCode;
    this.details = details;
  }
}

/** The session that carried the request is lost: whether the server acted on it is unknown. */
export class OutcomeUnknownError extends NestwireError {
  readonly code = 'OUTCOME_UNKNOWN';

  constructor(event: string) {
    super(`the session was lost before "${event}" was answered: whether it was done is unknown`);
  }
}

/** No answer came within the time given. The server is told to drop the request. */
export class RequestTimedOutError extends NestwireError {
  readonly code = 'REQUEST_TIMED_OUT';

  constructor(event: string, timeoutMs: number) {
    super(`"${event}" was not answered within ${timeoutMs} ms`);
  }
}

/** The caller aborted the request. */
export class RequestAbortedError extends NestwireError {
  readonly code = 'REQUEST_ABORTED';

  constructor(event: string, reason: unknown) {
    super(`"${event}" was aborted`, { cause: reason });
  }
}

/** More would wait for the connection than `maxQueued` allows. */
export class QueueFullError extends NestwireError {
  readonly code = 'QUEUE_FULL';

  constructor(limit: number) {
    super(`${limit} messages wait for the connection, which is the limit`);
  }
}

/** The client is closed: by `close`, or by a server that does not want it back. */
export class ClientClosedError extends NestwireError {
  readonly code = 'CLIENT_CLOSED';

  constructor(
    readonly closeCode: number,
    readonly reason: string,
  ) {
    super(`the client is closed with ${closeCode}${reason && `: ${reason}`}`);
  }
}

/** An option of `connect` that makes no sense. */
export class InvalidClientOptionError extends NestwireError {
  readonly code = 'INVALID_CLIENT_OPTION';
}
