/** Where clients put what proves who they are, WIRE §1. */
import type { GatewaySession } from '../../session/index.js';
import { readCookie } from './cookies.js';
import { InvalidAuthOptionsError } from './errors.js';

/**
 * `authorization`: the header, `Bearer <token>`; browsers can't set it on a WebSocket. `subprotocol`: an item
 * `bearer.<token as base64url>` of the list of subprotocols, for browsers. `ticket`: `?ticket=…` in the URL,
 * issued by `Tickets`. `{ cookie: name }`: a cookie.
 */
export type CredentialSource = 'authorization' | 'subprotocol' | 'ticket' | { readonly cookie: string };

/** What a client brought. */
export interface Credential {
  readonly token: string;
  readonly source: CredentialSource;
}

export interface ReadCredentialOptions {
  /** In this order; the first that is there counts. Default `authorization`, then `subprotocol`. */
  readonly from?: readonly CredentialSource[];
}

const DEFAULT_SOURCES: readonly CredentialSource[] = ['authorization', 'subprotocol'];

/** Kept short of the 8 KiB that all headers may have, and enforced for tokens that come in-band. */
export const MAX_TOKEN_CHARS = 8_192;

/**
 * The credential of the request that opened a session, not verified in any way. A cookie is read whatever the
 * origin; `CredentialGuard` looks at that too.
 * @returns undefined when there is none. What is there but malformed is a credential with an empty token
 */
export function readCredential(
  session: GatewaySession,
  { from = DEFAULT_SOURCES }: ReadCredentialOptions = {},
): Credential | undefined {
  for (const source of from) {
    const token = readToken(session, source);
    if (token !== undefined) return { token, source };
  }
  return undefined;
}

function readToken(session: GatewaySession, source: CredentialSource): string | undefined {
  const { headers, query } = session;
  if (source === 'authorization') return fromAuthorization(headers.authorization);
  if (source === 'subprotocol') return fromSubprotocols(headers['sec-websocket-protocol']);
  if (source === 'ticket') return fromTicket(query['ticket']);
  return readCookie(headers.cookie ?? '', source.cookie);
}

/** RFC 6750 §2.1. Other schemes are somebody else's. */
function fromAuthorization(header: string | undefined): string | undefined {
  const [scheme, token = '', ...rest] = header?.trim().split(/ +/) ?? [];
  if (scheme?.toLowerCase() !== 'bearer') return undefined;
  return rest.length === 0 && /^[\w.~+/-]+=*$/.test(token) ? token : '';
}

const PREFIX = 'bearer.';

function fromSubprotocols(header: string | undefined): string | undefined {
  const items = header?.split(',').map((item) => item.trim()) ?? [];
  const [item, second] = items.filter((token) => token.startsWith(PREFIX));
  if (item === undefined) return undefined;
  return second === undefined ? decode(item.slice(PREFIX.length)) : '';
}

/** Visible ASCII only, as a header could have it; `Buffer` would skip what is no base64url. */
function decode(text: string): string {
  if (!/^[\w-]+$/.test(text)) return '';
  const token = Buffer.from(text, 'base64url').toString('latin1');
  return /^[!-~]+$/.test(token) ? token : '';
}

/** One that stands there twice is nobody's. */
function fromTicket(given: string | string[] | undefined): string | undefined {
  return Array.isArray(given) ? '' : given;
}

/** @throws InvalidAuthOptionsError: a misspelt source would never find anything */
export function checkSources(
  from: readonly CredentialSource[] = DEFAULT_SOURCES,
): readonly CredentialSource[] {
  const isKnown = (source: CredentialSource): boolean =>
    typeof source === 'object'
      ? typeof source.cookie === 'string' && source.cookie !== ''
      : ['authorization', 'subprotocol', 'ticket'].includes(source);
  const unknown = from.find((source) => !isKnown(source));
  if (unknown !== undefined || from.length === 0) {
    throw new InvalidAuthOptionsError(`${JSON.stringify(unknown ?? from)} is no source of credentials`);
  }
  return from;
}
