/** Cookies as credentials: only from pages that may connect, since browsers send them for any page. */
import { ForbiddenException } from '@nestjs/common';
import type { GatewaySession } from '../../session/index.js';
import { HandshakeError, type OriginPolicy, checkOrigin } from '../../transport/websocket/index.js';

/** The value of a cookie, RFC 6265 §4.2: the first of that name, which has the longest path. */
export function readCookie(header: string, name: string): string | undefined {
  for (const pair of header.split(';')) {
    const [key, ...rest] = pair.split('=');
    if (key?.trim() === name && rest.length > 0) return decode(rest.join('=').trim());
  }
  return undefined;
}

function decode(value: string): string {
  const text = /^".*"$/.test(value) ? value.slice(1, -1) : value;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * WIRE §1: `any` is for clients that bring their credential themselves. A cookie comes along with whatever
 * page asks, so for it `any` means the same origin, and no origin at all is not enough.
 * @throws ForbiddenException
 */
export function checkCookieOrigin({ headers, request }: GatewaySession, policy: OriginPolicy): void {
  // only a browser says so, and no page can have it say so for another
  if (headers['sec-fetch-site'] === 'same-origin') return;
  const { origin } = headers;
  if (origin === undefined) throw new ForbiddenException('a request with a cookie must have an Origin');
  if (policy !== 'any') return; // checked before any guard was asked
  try {
    checkOrigin('same', origin, request);
  } catch (error) {
    throw error instanceof HandshakeError ? new ForbiddenException(error.message) : error;
  }
}
