import { randomBytes } from 'node:crypto';
import type { ClusterNode } from '../cluster/cluster-node.js';
import { InvalidAuthOptionsError, TicketLimitError } from './errors.js';
import { type Identity, type KnownIdentity, readIdentity } from './identity.js';
import { digest } from './secrets.js';
import { TicketCalls } from './ticket-calls.js';

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
 * nothing in a log. They are in the memory of the process that issued them; where an application has several,
 * with a broker that carries letters between them, each redeems those of the others too.
 */
export class Tickets {
  /** By digest, oldest first: all live equally long, so that the expired ones are at the front. */
  private readonly issued = new Map<string, Issued>();
  private readonly lifetimeMs: number;
  private readonly max: number;
  private readonly calls: TicketCalls;

  /**
   * @param node @internal the process among others, if there are
   * @throws InvalidAuthOptionsError for an option that is no positive integer
   */
  constructor({ lifetimeMs = 30_000, max = 10_000 }: TicketOptions = {}, node?: ClusterNode) {
    for (const [name, value] of Object.entries({ lifetimeMs, max })) {
      if (Number.isSafeInteger(value) && value > 0) continue;
      throw new InvalidAuthOptionsError(`tickets.${name} must be a positive integer, not ${value}`);
    }
    this.lifetimeMs = lifetimeMs;
    this.max = max;
    this.calls = new TicketCalls(node, (key) => this.redeemHere(key));
  }

  /**
   * @param identity whom the ticket admits; on its way to another process it is JSON, of at most 512 KiB
   * @returns 43 characters that need no escaping in a URL, or 56 where there are several processes
   * @throws TicketLimitError when too many are open
   * @throws InvalidIdentityError for an identity without a principal
   */
  issue(identity: Identity): string {
    this.dropExpired();
    if (this.issued.size >= this.max) throw new TicketLimitError(this.max);
    const known = readIdentity(identity);
    const ticket = this.calls.prefix + randomBytes(TICKET_BYTES).toString('base64url');
    this.issued.set(keyOf(ticket), { identity: known, until: performance.now() + this.lifetimeMs });
    this.calls.open();
    return ticket;
  }

  /**
   * @returns whom it admits; undefined for one that was never issued, has expired, was redeemed before, or whose
   * process is gone or does not answer
   * @throws BrokerUnavailableError (rejects) when its process can't be asked
   * @throws NodeCallError (rejects) when its process can't tell, since the identity can't be made JSON of that size
   */
  async redeem(ticket: string): Promise<KnownIdentity | undefined> {
    const issuer = this.calls.issuerOf(ticket);
    const key = keyOf(ticket);
    return issuer === undefined ? this.redeemHere(key) : this.calls.redeem(issuer, key);
  }

  /** @param key of the ticket: who looks it up learns nothing by the time that takes */
  private redeemHere(key: string): KnownIdentity | undefined {
    this.dropExpired();
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
