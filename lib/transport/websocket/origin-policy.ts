/**
 * Which pages may open a connection, WIRE §1 (RFC 6455 §10.2). A browser sends cookies with a WebSocket
 * handshake to any host, whatever page it comes from; `Origin` is what tells. Programs that are not browsers
 * send none, and are let through unless they carry a cookie, which only a browser would do for a page.
 */
import type { IncomingMessage } from 'node:http';
import { HandshakeError } from '../../protocol/websocket/index.js';

/**
 * `'same'`: the host of `Origin` equals `Host`. `'any'`: no check at all. A list: origins as
 * `https://host[:port]`, compared whole, or RegExps. A function: decides by itself.
 */
export type OriginPolicy =
  | 'same'
  | 'any'
  | readonly (string | RegExp)[]
  | ((origin: string | undefined, request: IncomingMessage) => boolean);

/**
 * @param forwardedHost the host that a trusted proxy was asked for, where there is one
 * @throws HandshakeError 403
 */
export function checkOrigin(
  policy: OriginPolicy,
  origin: string | undefined,
  request: IncomingMessage,
  forwardedHost?: string,
): void {
  if (policy === 'any') return;
  if (typeof policy === 'function') {
    if (!policy(origin, request)) throw refused(origin);
    return;
  }
  if (origin === undefined) return checkNoStrayCookie(request);
  const host = forwardedHost ?? request.headers.host ?? '';
  const allowed = policy === 'same' ? isSameHost(origin, host) : isListed(policy, origin);
  if (!allowed) throw refused(origin);
}

/** A cookie without `Origin` comes from a browser that hides where the request was made. */
function checkNoStrayCookie(request: IncomingMessage): void {
  if (request.headers.cookie === undefined) return;
  if (request.headers['sec-fetch-site'] === 'same-origin') return;
  throw new HandshakeError(403, 'a request with a cookie must have an Origin');
}

function isSameHost(origin: string, host: string): boolean {
  if (!URL.canParse(origin)) return false;
  const from = new URL(origin);
  // Through the same parser, so that a default port and the case of letters make no difference
  const own = `${from.protocol}//${host}`;
  return URL.canParse(own) && from.host !== '' && from.host === new URL(own).host;
}

function isListed(list: readonly (string | RegExp)[], origin: string): boolean {
  return list.some((entry) => (typeof entry === 'string' ? entry === origin : matchesWhole(entry, origin)));
}

/** `/good\.com/` must not let `https://good.com.evil.com` in. */
function matchesWhole(pattern: RegExp, origin: string): boolean {
  return new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace(/[gym]/g, '')).test(origin);
}

function refused(origin: string | undefined): HandshakeError {
  const from = origin === undefined ? 'without Origin' : `from origin ${JSON.stringify(origin)}`;
  return new HandshakeError(403, `a connection ${from} is not allowed`);
}
