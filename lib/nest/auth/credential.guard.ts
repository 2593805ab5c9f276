import { type CanActivate, type ExecutionContext, Inject, UnauthorizedException } from '@nestjs/common';
import { RESERVED_PREFIX } from '../../protocol/envelope/index.js';
import type { GatewaySession } from '../../session/index.js';
import type { OriginPolicy } from '../../transport/websocket/index.js';
import type { GatewayOptions } from '../decorators/gateway.decorator.js';
import { GATEWAY_METADATA } from '../decorators/metadata.js';
import { NESTWIRE_OPTIONS } from '../nestwire.module-definition.js';
import type { NestwireOptions } from '../nestwire.options.js';
import { checkCookieOrigin } from './cookies.js';
import {
  type Credential,
  type CredentialSource,
  MAX_TOKEN_CHARS,
  type ReadCredentialOptions,
  checkSources,
  readCredential,
} from './credential.js';
import { CredentialRefusedException, challenge } from './credential-refused.exception.js';
import type { Identity, KnownIdentity } from './identity.js';
import { Sessions } from './sessions.js';
import { Tickets } from './tickets.js';

/**
 * Lets clients in by the credential of the request that they connect with. A gateway's guard extends it, and
 * says how to verify a token:
 *
 * - `session.user` is what `verify` found; without a credential, or with a bad one, a client is refused by 401;
 * - when the credential expires the session is closed with 4401, unless the client has sent a new one in-band;
 * - `Sessions` finds and revokes sessions by their principal.
 *
 * As a guard of the gateway's class it asks for each message whether the client was let in, which costs Nest's
 * pipeline; as a guard of `@OnConnect` it is asked while clients connect only, which does as well.
 */
// not @Injectable() itself: a subclass without a constructor would inherit the types of our parameters
export abstract class CredentialGuard implements CanActivate {
  @Inject(Sessions) private readonly sessions!: Sessions;
  @Inject(Tickets) private readonly tickets!: Tickets;
  @Inject(NESTWIRE_OPTIONS) private readonly options!: NestwireOptions;
  private readonly from: readonly CredentialSource[];
  /** The request that a session was let in by: asked twice about it, we need not verify twice. */
  private readonly admitted = new WeakMap<GatewaySession, GatewaySession['request']>();

  /** @throws InvalidAuthOptionsError for an unknown source */
  constructor({ from }: ReadCredentialOptions = {}) {
    this.from = checkSources(from);
  }

  /**
   * Finds out whose token it is: that of the request, and those that come in-band later. Not asked about
   * tickets, which `Tickets` knows.
   * @returns nothing for a token that is not valid; the client then gets a 401
   * @throws an `HttpException` to refuse in another way; anything else is logged, and a 500
   */
  protected abstract verify(
    token: string,
    session: GatewaySession,
  ): Identity | null | undefined | Promise<Identity | null | undefined>;

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const ws = context.switchToWs();
    const session = ws.getClient<GatewaySession>();
    // that of a message is no reserved name
    if (context.getType() === 'ws' && !ws.getPattern().startsWith(RESERVED_PREFIX))
      return this.isKnown(session);
    return this.admit(session, context);
  }

  private isKnown(session: GatewaySession): boolean {
    if (this.sessions.isAuthenticated(session)) return true;
    throw new CredentialRefusedException(false);
  }

  private async admit(session: GatewaySession, context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'ws') throw new TypeError('a CredentialGuard guards gateways only');
    if (this.admitted.get(session) === session.request) return true;
    const { request } = session;
    const credential = readCredential(session, { from: this.from });
    if (!credential) throw new CredentialRefusedException(false);
    if (typeof credential.source === 'object') checkCookieOrigin(session, this.policyFor(context));
    const identity = await this.identify(credential, session);
    if (!identity) throw new CredentialRefusedException(true);
    this.sessions.authenticate(session, identity, (token, renewing) => this.verify(token, renewing));
    this.admitted.set(session, request);
    return true;
  }

  private policyFor(context: ExecutionContext): OriginPolicy {
    const gateway = Reflect.getMetadata(GATEWAY_METADATA, context.getClass()) as GatewayOptions | undefined;
    return gateway?.origin ?? this.options.origin ?? 'same';
  }

  private async identify(
    { token, source }: Credential,
    session: GatewaySession,
  ): Promise<KnownIdentity | undefined> {
    if (token === '' || token.length > MAX_TOKEN_CHARS) return undefined;
    const verify = source === 'ticket' ? this.redeem : this.verify.bind(this);
    try {
      return await this.sessions.verified(verify, token, session);
    } catch (error) {
      throw error instanceof UnauthorizedException ? challenged(error) : error;
    }
  }

  private readonly redeem = (ticket: string): Promise<KnownIdentity | undefined> =>
    this.tickets.redeem(ticket);
}

/** RFC 9110 §15.5.2: no 401 without a challenge. */
function challenged(error: UnauthorizedException): UnauthorizedException {
  return 'headers' in error ? error : Object.assign(error, { headers: challenge(true) });
}
