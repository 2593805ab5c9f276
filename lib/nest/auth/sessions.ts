/**
 * Whose sessions they are: found by principal, ended when their credential expires or is revoked.
 *
 * Theory of operation. Who vouches for a session (a `CredentialGuard`, or the application) has a `Card` filed
 * for it, under its principal and until its expiry; the card goes when the session ends. A new token changes
 * user and expiry of a card, never the principal. Verifying takes time, and who is revoked meanwhile must not
 * be let in by what was true before: verifications under way take note of revocations.
 */
import { ForbiddenException, Inject, Injectable, Optional } from '@nestjs/common';
import { type GatewaySession, Session, SessionCloseCode } from '../../session/index.js';
import type { ClusterNode } from '../cluster/cluster-node.js';
import { LocalSessions } from '../cluster/local-sessions.js';
import { type Revocation, SessionCalls } from '../cluster/session-calls.js';
import { NESTWIRE_NODE } from '../nestwire.constants.js';
import { TokenRefusedError } from './errors.js';
import { Expiries, type Expiring } from './expiries.js';
import { type Identity, type KnownIdentity, readIdentity } from './identity.js';

/** Finds out whose token it is; nothing refuses it. */
export type VerifyToken = (
  token: string,
  session: GatewaySession,
) => Identity | null | undefined | Promise<Identity | null | undefined>;

const EXPIRED = 'credentials expired';

class Card implements Expiring {
  bucket: number | undefined;
  isRenewing = false;

  constructor(
    readonly session: GatewaySession,
    readonly principal: string,
    readonly verify: VerifyToken | undefined,
  ) {}

  /** A resumable session waits for its client to come back with a new credential. */
  expire(): void {
    const { session } = this;
    if (session instanceof Session) session.closeConnection(SessionCloseCode.expired, EXPIRED);
    else session.close(SessionCloseCode.expired, EXPIRED);
  }
}

/** The authenticated sessions of this process; and what can be done to sessions on any node. */
@Injectable()
export class Sessions {
  /** By the session's id: a client that returns to its session is vouched for by another object. */
  private readonly cards = new Map<string, Card>();
  private readonly byPrincipal = new Map<string, Set<Card>>();
  private readonly expiries = new Expiries();
  /** The principals revoked since it began, of each verification under way. */
  private readonly verifying = new Set<Set<string>>();
  private readonly calls: SessionCalls;

  /** @internal Nest makes it */
  constructor(@Optional() local?: LocalSessions, @Optional() @Inject(NESTWIRE_NODE) node?: ClusterNode) {
    this.calls = new SessionCalls(local, node, (principal, reason) => this.revokeHere(principal, reason));
  }

  /**
   * Says who a session is, as `CredentialGuard` does by itself; for guards of another kind. From then on its
   * expiry closes the session with 4401 (at most 2 s late), and `revoke` finds it. Sets `session.user`.
   * @param verify verifies the tokens that the client sends in-band before its own expires; without it they
   * are refused
   * @throws InvalidIdentityError for an identity without a principal, or an expiry in seconds
   * @throws ForbiddenException for another principal than the session had
   */
  authenticate(session: GatewaySession, identity: Identity, verify?: VerifyToken): void {
    const { principal, user, expiresAt } = readIdentity(identity);
    const known = this.cards.get(session.id);
    if (known && known.principal !== principal) throw new ForbiddenException('another principal');
    if (known) this.forget(known);
    const card = new Card(known?.session ?? session, principal, verify ?? known?.verify);
    session.user = user;
    this.file(card);
    this.expiries.set(card, expiresAt);
    // also when it has ended meanwhile
    if (!known) session.closed$.subscribe(() => this.sessionEnded(session));
  }

  private file(card: Card): void {
    this.cards.set(card.session.id, card);
    const cards = this.byPrincipal.get(card.principal);
    if (cards) cards.add(card);
    else this.byPrincipal.set(card.principal, new Set([card]));
  }

  private sessionEnded(session: GatewaySession): void {
    const card = this.cards.get(session.id);
    if (card) this.forget(card);
  }

  private forget(card: Card): void {
    this.expiries.clear(card);
    this.cards.delete(card.session.id);
    const cards = this.byPrincipal.get(card.principal);
    cards?.delete(card);
    if (cards?.size === 0) this.byPrincipal.delete(card.principal);
  }

  /** Whether somebody vouched for the session. */
  isAuthenticated(session: GatewaySession): boolean {
    return this.cards.has(session.id);
  }

  /** Whose session it is; undefined as long as nobody vouched for it. */
  principalOf(session: GatewaySession): string | undefined {
    return this.cards.get(session.id)?.principal;
  }

  /** The principal's sessions in this process, those that are just connecting included. */
  ofPrincipal(principal: string): GatewaySession[] {
    return [...(this.byPrincipal.get(principal) ?? [])].map(({ session }) => session);
  }

  /**
   * Closes all sessions of a principal with 4403, on all nodes, after which clients stay away. It does not keep the
   * principal from connecting again: that is up to who verifies.
   * @param reason for the client, at most 123 bytes of UTF-8
   * @returns settled when all nodes have told their sessions, or after 3 s
   * @throws InvalidCloseError (rejects) for a longer reason
   * @throws BrokerUnavailableError (rejects) when the other nodes could not be told; those here are closed
   */
  revoke(principal: string, reason = 'revoked'): Promise<Revocation> {
    return this.calls.revoke(principal, SessionCloseCode.forbidden, reason);
  }

  private revokeHere(principal: string, reason: string): number {
    const sessions = this.ofPrincipal(principal);
    for (const revoked of this.verifying) revoked.add(principal);
    for (const session of sessions) session.close(SessionCloseCode.forbidden, reason);
    return sessions.length;
  }

  /**
   * Closes one session, whichever node has it, as `GatewaySession.close` does.
   * @returns false when there is no such session, or none any more
   * @throws InvalidCloseError, BrokerUnavailableError, NodeSilentError (reject)
   */
  close(id: string, code = 1000, reason = ''): Promise<boolean> {
    return this.calls.close(id, code, reason);
  }

  /**
   * Sends one session a message, whichever node has it, as `GatewaySession.push` does. On the way to another node
   * data is JSON, of at most 512 KiB.
   * @returns whether the session took it; false when there is no such session, or none any more
   * @throws ReservedEventError, LetterTooLargeError, BrokerUnavailableError, NodeSilentError (reject)
   * @throws NodeCallError (rejects) for what its node refused
   */
  push(id: string, event: string, data?: unknown): Promise<boolean> {
    return this.calls.push(id, event, data);
  }

  /**
   * @internal Verifies a token.
   * @returns undefined when it is refused, has expired, or its principal was revoked meanwhile
   */
  async verified(
    verify: VerifyToken,
    token: string,
    session: GatewaySession,
  ): Promise<KnownIdentity | undefined> {
    const revoked = new Set<string>();
    this.verifying.add(revoked);
    try {
      const given = await verify(token, session);
      const identity = given ? readIdentity(given) : undefined;
      return identity && isCurrent(identity) && !revoked.has(identity.principal) ? identity : undefined;
    } finally {
      this.verifying.delete(revoked);
    }
  }

  /**
   * @internal A token that came in-band. One of another principal closes the session with 4403.
   * @returns when the new one expires, in ms since 1970
   * @throws TokenRefusedError (rejects)
   */
  async renew(session: GatewaySession, token: string): Promise<number | undefined> {
    const card = this.cards.get(session.id);
    if (!card?.verify) {
      throw new TokenRefusedError('TOKEN_UNEXPECTED', 401, 'this session takes no tokens');
    }
    if (card.isRenewing) throw new TokenRefusedError('TOKEN_PENDING', 429, 'another token is being verified');
    card.isRenewing = true;
    try {
      return this.renewed(card, await this.verified(card.verify, token, session));
    } finally {
      card.isRenewing = false;
    }
  }

  private renewed(card: Card, identity: KnownIdentity | undefined): number | undefined {
    if (!identity) throw new TokenRefusedError('TOKEN_REFUSED', 401, 'the token is not valid');
    // it ended meanwhile, or was authenticated anew
    if (this.cards.get(card.session.id) !== card) return undefined;
    if (identity.principal !== card.principal) {
      card.session.close(SessionCloseCode.forbidden, 'a token of another principal');
      return undefined;
    }
    card.session.user = identity.user;
    this.expiries.set(card, identity.expiresAt);
    return identity.expiresAt;
  }
}

const isCurrent = ({ expiresAt = Infinity }: KnownIdentity): boolean => expiresAt > Date.now();
