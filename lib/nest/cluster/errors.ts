import { NestwireError } from '../../errors/index.js';

/** What was to be told to another node of the application is larger than its mailbox takes. */
export class LetterTooLargeError extends NestwireError {
  readonly code = 'LETTER_TOO_LARGE';
  readonly statusCode = 413;

  constructor(bytes: number, limit: number) {
    super(`${bytes} bytes for another node exceed the limit of ${limit}`);
  }
}

/** Another node of the application could not do what it was asked for. */
export class NodeCallError extends NestwireError {
  readonly code = 'NODE_CALL_FAILED';
}

/** Another node of the application does not answer. It may have done what it was asked for. */
export class NodeSilentError extends NestwireError {
  readonly code = 'NODE_SILENT';
  readonly statusCode = 504;

  constructor() {
    super('the node that has the session does not answer');
  }
}
