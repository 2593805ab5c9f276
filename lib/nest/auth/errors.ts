import { NestwireError } from '../../errors/index.js';

/** What an application found out about a client cannot be used: a mistake of the server's. */
export class InvalidIdentityError extends NestwireError {
  readonly code = 'INVALID_IDENTITY';
}

/** A credential source or an option of tickets that makes no sense. */
export class InvalidAuthOptionsError extends NestwireError {
  readonly code = 'INVALID_AUTH_OPTIONS';
}

/** As many tickets as allowed are issued and not redeemed yet. */
export class TicketLimitError extends NestwireError {
  readonly code = 'TICKET_LIMIT';
  readonly statusCode = 503;

  constructor(limit: number) {
    super(`${limit} tickets are not redeemed yet, which is the limit`);
  }
}

/** A token that came in-band and was not taken. The session goes on with the one it has. */
export class TokenRefusedError extends NestwireError {
  constructor(
    readonly code: 'TOKEN_REFUSED' | 'TOKEN_PENDING' | 'TOKEN_UNEXPECTED',
    readonly statusCode: number,
    message: string,
  ) {
    super(message);
  }
}
