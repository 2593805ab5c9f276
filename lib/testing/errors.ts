import type { IncomingHttpHeaders } from 'node:http';
import { NestwireError } from '../errors/index.js';
import type { ExceptionData } from '../protocol/envelope/index.js';
import type { CloseDetails } from '../session/index.js';

/** The server did not take the client: it answered with another status than 101. */
export class ConnectionRefusedError extends NestwireError {
  readonly code = 'CONNECTION_REFUSED';

  /**
   * @param status of the HTTP answer
   * @param body parsed, if it is JSON
   */
  constructor(
    readonly status: number,
    readonly headers: IncomingHttpHeaders,
    readonly body: unknown,
  ) {
    super(`refused with ${status}: ${typeof body === 'string' ? body : JSON.stringify(body)}`);
  }
}

/** A request or stream was answered by an exception. */
export class AnsweredByExceptionError extends NestwireError {
  /** That of the exception. */
  readonly code: string;
  readonly statusCode: number;
  readonly details: unknown;

  constructor(event: string, { code, statusCode, message, details }: ExceptionData) {
    super(`"${event}" was answered by ${code} (${statusCode}): ${message}`);
    this.code = code;
    this.statusCode = statusCode;
    this.details = details;
  }
}

/** The connection ended, and what was waited for can't come any more. */
export class ConnectionEndedError extends NestwireError {
  readonly code = 'CONNECTION_ENDED';

  constructor(
    waitedFor: string,
    readonly details: CloseDetails,
  ) {
    super(`the connection was closed with ${details.code} "${details.reason}" before ${waitedFor} came`);
  }
}

/** What was waited for did not come in time. */
export class NothingCameError extends NestwireError {
  readonly code = 'NOTHING_CAME';

  /** @param others what came instead and nobody took */
  constructor(waitedFor: string, waitMs: number, others: readonly string[]) {
    const instead = others.length > 0 ? `; not taken: ${others.join(', ')}` : '';
    super(`${waitedFor} did not come within ${waitMs} ms${instead}`);
  }
}
