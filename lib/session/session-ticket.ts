/** What a client says about the session it wants: `new`, or `<id>.<secret>` of the one that it had. */
import { randomBytes, timingSafeEqual } from 'node:crypto';

export interface SessionTicket {
  readonly id: string;
  readonly secret: string;
}

const SECRET_BYTES = 18;
const TICKET = /^((?:[\w-]{12}~)?[0-9a-f-]{36})\.([\w-]{24})$/;

/** @returns undefined for text that is neither */
export function parseSessionTicket(text: string): SessionTicket | 'new' | undefined {
  if (text === 'new') return 'new';
  const [, id, secret] = TICKET.exec(text) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

const NONE = Buffer.alloc(0);

/**
 * Who knows the secret has the session. It changes with every connection; the one that the client came with
 * holds until it comes with the new one, for the message that told it may have been lost.
 */
export class SessionSecret {
  private current = NONE;
  private used = NONE;

  /** @param used what the client came with; nothing for the first time */
  renew(used = ''): string {
    const secret = randomBytes(SECRET_BYTES).toString('base64url');
    this.used = Buffer.from(used);
    this.current = Buffer.from(secret);
    return secret;
  }

  /** @returns whether it is the newest; from then on no older one holds */
  use(secret: string): boolean {
    const isCurrent = isSame(Buffer.from(secret), this.current);
    if (isCurrent) this.used = NONE;
    return isCurrent;
  }

  matches(secret: string): boolean {
    const given = Buffer.from(secret);
    // compares with both whatever the first says: the time taken tells nothing
    const isCurrent = isSame(given, this.current);
    return isSame(given, this.used) || isCurrent;
  }
}

function isSame(given: Buffer, known: Buffer): boolean {
  return known.length > 0 && given.length === known.length && timingSafeEqual(given, known);
}
