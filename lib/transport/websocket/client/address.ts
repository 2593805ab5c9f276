/** Addresses of WebSocket servers, RFC 6455 §3 and WHATWG WebSockets §3.1. */

/**
 * @returns the address as an `http:` or `https:` URL
 * @throws SyntaxError for what is not a `ws:`, `wss:`, `http:` or `https:` URL, or has a fragment
 */
export function readAddress(address: string | URL): URL {
  const text = String(address);
  if (!URL.canParse(text)) throw new SyntaxError(`${JSON.stringify(text)} is not a URL`);
  const url = new URL(text.replace(/^ws(s?):/i, 'http$1:'));
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new SyntaxError(`a WebSocket address begins with ws: or wss:, not ${url.protocol}`);
  }
  if (url.hash !== '' || text.endsWith('#')) throw new SyntaxError('a WebSocket address has no fragment');
  return url;
}

/** Where a redirect leads; undefined when `location` is no such address. */
export function redirected(from: URL, location: string): URL | undefined {
  try {
    return readAddress(new URL(location, from));
  } catch {
    return undefined;
  }
}

/** Whether credentials for one address may be sent to another: same host, and TLS not given up. */
export function mayKeepCredentials(from: URL, to: URL): boolean {
  return from.host === to.host && !(from.protocol === 'https:' && to.protocol === 'http:');
}
