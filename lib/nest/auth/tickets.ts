import { randomBytes } from 'node:crypto';
import { InvalidAuthOptionsError, TicketLimitError } from './errors.js';
import { type Identity, type KnownIdentity, readIdentity } from './identity.js';
import { digest } from './secrets.js';

export interface TicketOptions {
  /** How long a ticket may be redeemed, in ms. Default 30,000. */
  readonly lifetimeMs?: number;
  /** Tickets issued and neither redeemed nor expired; beyond: `issue` throws. Default 10,000. */
  readonly max?: number;
}

interface Issued {
  readonly identity: KnownIdentity;
  /** On the monotonic clock. */
  readonly until: number;
}

/** 256 bits: nobody guesses one. */
const TICKET_BYTES = 32;

/**
 * One-time tickets for clients that can put a credential nowhere but into the URL. A route of the application
 * that knows who asks issues one; the client opens `?ticket=…` with it, once and soon, so that it is worth
 * nothing in a log. They are in the memory of this process.
 */
export class Tickets {
  /** By digest, oldest first: all live equally long, so that the expired ones are at the front. */
  private readonly issued = new Map<string, Issued>();
  private readonly lifetimeMs: number;
  private readonly max: number;

  /** @throws InvalidAuthOptionsError for an option that is no positive integer */
  constructor({ lifetimeMs = 30_000, max = 10_000 }: TicketOptions = {}) {
    for (const [name, value] of Object.entries({ lifetimeMs, max })) {
      if (Number.isSafeInteger(value) && value > 0) continue;
      throw new InvalidAuthOptionsError(`tickets.${name} must be a positive integer, not ${value}`);
    }
    this.lifetimeMs = lifetimeMs;
    this.max = max;
  }

  /**
   * @param identity whom the ticket admits
   * @returns 43 characters that need no escaping in a URL
   * @throws TicketLimitError when too many are open
   * @throws InvalidIdentityError for an identity without a principal
   */
  issue(identity: Identity): string {
    this.dropExpired();
    if (this.issued.size >= this.max) throw new TicketLimitError(this.max);
    const known = readIdentity(identity);
    const ticket = randomBytes(TICKET_BYTES).toString('base64url');
    this.issued.set(keyOf(ticket), { identity: known, until: performance.now() + this.lifetimeMs });
    return ticket;
  }

  /** @returns whom it admits; undefined for one that was never issued, has expired, or was redeemed before */
  redeem(ticket: string): KnownIdentity | undefined {
    this.dropExpired();
    const key = keyOf(ticket);
    const issued = this.issued.get(key);
    this.issued.delete(key);
    return issued?.identity;
  }

  private dropExpired(): void {
    const now = performance.now();
    for (const [key, { until }] of this.issued) {
      if (until > now) return;
      this.issued.delete(key);
    }
  }
}

const keyOf = (ticket: string): string => digest(ticket).toString('base64');
