import { NestwireError } from '../../errors/index.js';

/** A request over plain HTTP that gets another answer than it hoped for. */
export class HttpRefusal extends NestwireError {
  readonly code = 'HTTP_REFUSAL';

  constructor(
    readonly status: number,
    readonly body: object,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(`refused with ${status}`);
  }
}

const refusal = (status: number, code: string, message: string, headers = {}): HttpRefusal =>
  new HttpRefusal(status, { statusCode: status, code, message }, headers);

/** Nobody is told whether it ended, never was, or has another secret. */
export const sessionGone = (): HttpRefusal => refusal(404, 'SESSION_GONE', 'there is no such session');

/** The messages belong to a connection that is not, or no longer, there: the client sends them again. */
export const notConnected = (): HttpRefusal =>
  refusal(409, 'NOT_CONNECTED', 'the session is not connected by this secret');

export const badRequest = (message: string): HttpRefusal => refusal(400, 'BAD_REQUEST', message);

export const bodyTooLarge = (limit: number): HttpRefusal =>
  refusal(413, 'PAYLOAD_TOO_LARGE', `a body of more than ${limit} bytes exceeds the limit`);

export const bodyTooSlow = (limitMs: number): HttpRefusal =>
  refusal(408, 'BODY_TIMED_OUT', `the body did not come within ${limitMs} ms`);

export const tooManyAwaited = (status: 429 | 503, limit: number): HttpRefusal =>
  refusal(status, 'TOO_MANY_SESSIONS', `${limit} sessions wait for their clients, which is the limit`, {
    'Retry-After': '5',
  });

export const wrongMediaType = (expected: string): HttpRefusal =>
  refusal(415, 'UNSUPPORTED_MEDIA_TYPE', `a body must be ${expected}`);

export const wrongMethod = (): HttpRefusal =>
  refusal(405, 'METHOD_NOT_ALLOWED', 'GET, POST and DELETE are understood here', {
    Allow: 'GET, POST, DELETE',
  });

export const outOfTurn = (expected: number): HttpRefusal =>
  new HttpRefusal(409, {
    statusCode: 409,
    code: 'OUT_OF_TURN',
    message: `expected seq ${expected}`,
    expected,
  });

export const tookTooLong = (): HttpRefusal => refusal(503, 'TIMED_OUT', 'the handshake took too long');

/** Another node has the session, and may have it still: the client had better ask again. */
export const outOfReach = (): HttpRefusal =>
  refusal(503, 'SESSION_OUT_OF_REACH', 'the session is out of reach at the moment', { 'Retry-After': '1' });

export const shuttingDown = (): HttpRefusal =>
  refusal(503, 'SHUTTING_DOWN', 'the server is shutting down', { 'Retry-After': '1' });
