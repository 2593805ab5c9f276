/**
 * The request that a session came with, as small as it gets: a session keeps it for as long as it lives, and so
 * it is half of what an idle one costs. Whoever reads it finds what was there; what is gone can be had again, or
 * was of use to the answer only.
 */
import type { IncomingMessage } from 'node:http';
import { forgetResponses } from '../../transport/websocket/index.js';
import { PathParams } from '../gateway/path-params.js';
import { sharedText } from './shared-text.js';

/** What Express hangs on a request. */
interface ExpressRequest {
  res?: unknown;
  next?: unknown;
  /** What `parseurl`, which Express brings, remembers. It parses again when it finds nothing. */
  _parsedUrl?: unknown;
  params?: object;
}

/** The symbols among them are learned from the first request that was let in. */
const expressKeys = new Set<string | symbol>([
  'res',
  'next',
  'baseUrl',
  'originalUrl',
  '_parsedUrl',
  'params',
  'route',
]);
const ROUTER_SYMBOL = 'router.';

/**
 * Express gives every request another prototype. V8 up to Node 22 then makes a shape for each by itself whenever a
 * property is added, which is larger than a session. With the properties that were there before it is shared.
 */
export function readyForExpress(request: IncomingMessage): void {
  for (const key of expressKeys) {
    if (!(key in request)) (request as unknown as Record<string | symbol, undefined>)[key] = undefined;
  }
}

function learn(request: object): void {
  for (const key of Object.getOwnPropertySymbols(request)) {
    if (key.description?.startsWith(ROUTER_SYMBOL)) expressKeys.add(key);
  }
}

/** The client was let in: there will be no answer, and no other route. */
export function lighten(request: IncomingMessage): void {
  forgetResponses(request.socket);
  if ('res' in request) forgetExpress(request);
  shareTexts(request);
}

/** The response and the router alone are larger than the rest of a session. */
function forgetExpress(request: ExpressRequest): void {
  learn(request);
  request.res = request.next = request._parsedUrl = undefined;
  const { params } = request;
  if (params !== undefined && Object.keys(params).length === 0) request.params = new PathParams();
}

/** Headers whose values many clients have in common; none that may hold a secret. */
const COMMON = new Set([
  'accept-encoding',
  'accept-language',
  'cache-control',
  'connection',
  'host',
  'origin',
  'pragma',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'sec-websocket-extensions',
  'sec-websocket-version',
  'upgrade',
  'user-agent',
]);

function shareTexts({ rawHeaders, headers }: IncomingMessage): void {
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase();
    const value = rawHeaders[i + 1]!;
    rawHeaders[i] = sharedText(rawHeaders[i]!);
    if (!COMMON.has(name)) continue;
    rawHeaders[i + 1] = sharedText(value);
    if (headers[name] === value) headers[name] = rawHeaders[i + 1];
  }
}
