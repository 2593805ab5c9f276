import { InvalidIdentityError } from './errors.js';

/** What an application found out about a client by its credential. */
export interface Identity {
  /** Becomes `session.user`. */
  readonly user: unknown;
  /**
   * Whom sessions belong to: what `Sessions` finds and revokes them by, and what a new token must not change.
   * Default: `sub`, else `id` of `user`.
   */
  readonly principal?: string | undefined;
  /** When the credential expires, as a Date or in ms since 1970 (a JWT's `exp` is in seconds). Default: never. */
  readonly expiresAt?: Date | number | undefined;
}

/** An identity with its defaults filled in. */
export interface KnownIdentity {
  readonly user: unknown;
  readonly principal: string;
  /** In ms since 1970; undefined: never. */
  readonly expiresAt: number | undefined;
}

/** March 1973 in milliseconds, the year 5138 in seconds: what is less was meant as seconds. */
const LEAST_MS = 100_000_000_000;

/** @throws InvalidIdentityError for one without a principal, or with an expiry that is no time in ms */
export function readIdentity({ user, principal, expiresAt }: Identity): KnownIdentity {
  return { user, principal: textOf(principal ?? defaultPrincipal(user)), expiresAt: timeOf(expiresAt) };
}

/** Whose session it is by its user, whoever set that; undefined for a user that does not say. */
export function principalOfUser(user: unknown): string | undefined {
  const principal = defaultPrincipal(user);
  return isPrincipal(principal) ? String(principal) : undefined;
}

function defaultPrincipal(user: unknown): unknown {
  const { sub, id } = (user ?? {}) as { sub?: unknown; id?: unknown };
  return sub ?? id;
}

function textOf(principal: unknown): string {
  if (isPrincipal(principal)) return String(principal);
  throw new InvalidIdentityError('an identity needs a "principal", or a user with "sub" or "id"');
}

function isPrincipal(principal: unknown): principal is string | number {
  return typeof principal === 'number' || (typeof principal === 'string' && principal !== '');
}

function timeOf(expiresAt: Date | number | undefined): number | undefined {
  if (expiresAt === undefined) return undefined;
  const time = Number(expiresAt);
  if (time >= LEAST_MS && time < Infinity) return time;
  throw new InvalidIdentityError(`"expiresAt" must be a Date or in ms since 1970, not ${String(expiresAt)}`);
}
