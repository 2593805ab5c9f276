/**
 * The shape of messages, whatever their codec: one object each way, `{ event, data?, id? }`.
 *
 * A message with an `id` asks for an answer. Answers carry the same id: `more: true` on the items of a
 * stream; the first one without `more` ends it, be it the reply or an `exception`.
 */

/** Names that begin so are the library's own. */
export const RESERVED_PREFIX = 'nestwire:';

/** From a client: ends the stream, or drops the request, with that id. */
export const CANCEL_EVENT = 'nestwire:cancel';

/** To a client: what it asked for failed, or what it sent was not understood. */
export const EXCEPTION_EVENT = 'exception';

/** Chosen by the client: a string of up to 64 bytes or a safe integer. */
export type MessageId = string | number;

/** A message of a client, checked. */
export interface ClientMessage {
  readonly event: string;
  readonly data?: unknown;
  readonly id?: MessageId;
  /** Of the span that sent it, as the client says: not checked, and looked at by tracing only. */
  readonly trace?: unknown;
}

/** What a client is told about a failure. Internals never appear here. */
export interface ExceptionData {
  readonly status: 'error';
  /** As in HTTP: 4xx is the client's doing, 5xx the server's. */
  readonly statusCode: number;
  /** A constant for programs: `ID_IN_USE`, `VALIDATION_FAILED`, `FORBIDDEN`, … */
  readonly code: string;
  /** For people. */
  readonly message: string;
  /** What is wrong in particular, such as the issues of a refused payload. */
  readonly details?: unknown;
}
