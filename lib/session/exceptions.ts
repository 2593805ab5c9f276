/** What a session itself tells its client about messages that never reached a handler, or streams it ended. */
import type { ExceptionData, MessageId } from '../protocol/envelope/index.js';

/** The code of a payload that a schema or a pipe refused; counted as a bad message. */
export const VALIDATION_FAILED = 'VALIDATION_FAILED';

const MAX_QUOTED_CHARS = 64;

function exception(statusCode: number, code: string, message: string): ExceptionData {
  return { status: 'error', statusCode, code, message };
}

export const badMessage = (reason: string): ExceptionData => exception(400, 'BAD_MESSAGE', reason);

export const unknownEvent = (event: string): ExceptionData =>
  exception(404, 'UNKNOWN_EVENT', `unknown event "${event.slice(0, MAX_QUOTED_CHARS)}"`);

/** Sent without the id, which is that of the open request: whatever carries it is that one's answer. */
export const idInUse = (id: MessageId): ExceptionData => ({
  ...exception(409, 'ID_IN_USE', 'an open request has this id'),
  details: { id },
});

export const tooManyStreams = (limit: number): ExceptionData =>
  exception(429, 'TOO_MANY_STREAMS', `${limit} streams are open, which is the limit`);

export const tooSlow = (what: string): ExceptionData =>
  exception(429, 'TOO_SLOW', `${what} ended: the client reads too slowly`);

export const tooManyMessages = (limit: number): ExceptionData =>
  exception(429, 'TOO_MANY_MESSAGES', `more than ${limit} messages a second`);

export const tooManyRequests = (limit: number): ExceptionData =>
  exception(429, 'TOO_MANY_REQUESTS', `${limit} requests are open, which is the limit`);

export const timedOut = (limitMs: number): ExceptionData =>
  exception(504, 'TIMED_OUT', `no answer within ${limitMs} ms`);

export const notEncodable = (what: string, codec: string): ExceptionData =>
  exception(500, 'NOT_ENCODABLE', `${what} cannot be encoded as ${codec}`);
