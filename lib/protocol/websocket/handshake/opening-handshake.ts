/**
 * The server's side of the opening handshake, RFC 6455 §4.2, without I/O: a request's head comes in, what
 * it offers comes out, or the HTTP answer that refuses it. Works on the raw header lines, since Node joins
 * or drops repeated ones.
 */
import { HandshakeError } from './handshake-error.js';
import { listHasToken, readTokenList } from './header-lists.js';

/** The head of a request, as `http.IncomingMessage` has it. */
export interface RequestHead {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly httpVersionMajor: number;
  readonly httpVersionMinor: number;
  /** Names and values in turn, as received. */
  readonly rawHeaders: readonly string[];
}

/** What a valid opening handshake says. */
export interface OpeningHandshake {
  readonly key: string;
  /** The path of the target, without query. */
  readonly path: string;
  /** Origin-form target: path and query. */
  readonly target: string;
  readonly host: string;
  readonly origin: string | undefined;
  /** Subprotocol tokens, as the client prefers them. */
  readonly subprotocols: readonly string[];
  /** `Sec-WebSocket-Extensions` as received, repeated headers joined; undefined when absent. */
  readonly extensions: string | undefined;
}

export const SUPPORTED_VERSION = '13';
const MAX_HEADER_BYTES = 8 * 1024;
const MAX_HEADERS = 64;

/** RFC 6455 §4.1: 16 bytes in base64, so 22 characters and two of padding. */
const KEY = /^[+/0-9A-Za-z]{22}==$/;
const HOST = /^(?:\[[0-9a-f:.]+\]|[0-9a-z._~!$&'()*+,;=%-]+)(?::\d{0,5})?$/i;

/** @throws HandshakeError 400, 405, 426 or 431 */
export function readOpeningHandshake(request: RequestHead): OpeningHandshake {
  const headers = collectHeaders(request.rawHeaders);
  checkRequestLine(request);
  checkNoBody(headers);
  const host = readHost(headers);
  const target = readTarget(request.url ?? '', host);
  checkUpgrade(headers);
  return {
    key: readKey(headers),
    target,
    path: target.split('?', 1)[0]!,
    host,
    origin: readOrigin(headers),
    subprotocols: readSubprotocols(headers),
    extensions: headers.get('sec-websocket-extensions')?.join(', '),
  };
}

type Headers = ReadonlyMap<string, readonly string[]>;

function collectHeaders(raw: readonly string[]): Headers {
  checkHeaderLimits(raw);
  const headers = new Map<string, string[]>();
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase();
    const values = headers.get(name);
    if (values === undefined) headers.set(name, [raw[i + 1]!]);
    else values.push(raw[i + 1]!);
  }
  return headers;
}

function checkHeaderLimits(raw: readonly string[]): void {
  if (raw.length / 2 > MAX_HEADERS) {
    throw new HandshakeError(431, `${raw.length / 2} headers exceed the limit of ${MAX_HEADERS}`);
  }
  const bytes = raw.reduce((sum, text) => sum + text.length + 2, 0);
  if (bytes > MAX_HEADER_BYTES) {
    throw new HandshakeError(431, `headers of ${bytes} bytes exceed the limit of ${MAX_HEADER_BYTES}`);
  }
}

/** RFC 6455 §4.2.1 item 1: GET, HTTP/1.1 or later. */
function checkRequestLine(request: RequestHead): void {
  if (request.method !== 'GET') {
    throw new HandshakeError(405, 'a WebSocket handshake is a GET request', { Allow: 'GET' });
  }
  const { httpVersionMajor: major, httpVersionMinor: minor } = request;
  if (major < 1 || (major === 1 && minor < 1)) {
    throw new HandshakeError(400, `a WebSocket handshake needs HTTP/1.1, not ${major}.${minor}`);
  }
}

/** Node hands a body of an upgrade over as if it were the first frames: request smuggling if let in. */
function checkNoBody(headers: Headers): void {
  const length = headers.get('content-length');
  if (headers.has('transfer-encoding') || length?.some((value) => !/^0+$/.test(value))) {
    throw new HandshakeError(400, 'a WebSocket handshake has no body');
  }
  if (headers.has('expect')) throw new HandshakeError(417, 'a WebSocket handshake expects nothing');
}

/** RFC 6455 §4.2.1 item 2, RFC 9112 §3.2: exactly one Host. */
function readHost(headers: Headers): string {
  const host = single(headers, 'host');
  if (host === undefined || !HOST.test(host)) throw new HandshakeError(400, 'Host is missing or malformed');
  return host;
}

/** RFC 9112 §3.2: origin-form, or absolute-form for this host (RFC 6455 §4.1 item 2 allows both). */
function readTarget(url: string, host: string): string {
  const absolute = /^(?:https?|wss?):\/\/([^/?#]*)(.*)$/i.exec(url);
  if (absolute && absolute[1]!.toLowerCase() !== host.toLowerCase()) {
    throw new HandshakeError(400, 'request target is not of this host');
  }
  const target = absolute ? absolute[2]!.replace(/^(?=\?|$)/, '/') : url;
  // "//host/…" would be read as a host by URL parsers; RFC 6455 §3: no fragment
  if (!/^\/(?!\/)[^#\\]*$/.test(target)) throw new HandshakeError(400, 'request target is malformed');
  return target;
}

/** RFC 6455 §4.2.1 items 3, 4 and 6. */
function checkUpgrade(headers: Headers): void {
  if (!listHasToken(joined(headers, 'upgrade'), 'websocket')) {
    throw new HandshakeError(400, 'Upgrade does not name websocket');
  }
  if (!listHasToken(joined(headers, 'connection'), 'upgrade')) {
    throw new HandshakeError(400, 'Connection does not name upgrade');
  }
  if (single(headers, 'sec-websocket-version') !== SUPPORTED_VERSION) {
    // RFC 6455 §4.4: say which version we speak
    throw new HandshakeError(426, `Sec-WebSocket-Version must be ${SUPPORTED_VERSION}`, {
      'Sec-WebSocket-Version': SUPPORTED_VERSION,
    });
  }
}

function readKey(headers: Headers): string {
  const key = single(headers, 'sec-websocket-key');
  if (key === undefined || !KEY.test(key)) {
    throw new HandshakeError(400, 'Sec-WebSocket-Key must be 16 bytes in base64, once');
  }
  return key;
}

function readOrigin(headers: Headers): string | undefined {
  if (!headers.has('origin')) return undefined;
  const origin = single(headers, 'origin');
  if (origin === undefined) throw new HandshakeError(400, 'Origin is repeated');
  return origin;
}

/** RFC 6455 §4.1 item 10: unique tokens. */
function readSubprotocols(headers: Headers): string[] {
  if (!headers.has('sec-websocket-protocol')) return [];
  const tokens = readTokenList(joined(headers, 'sec-websocket-protocol'));
  if (tokens === undefined || tokens.length === 0 || new Set(tokens).size !== tokens.length) {
    throw new HandshakeError(400, 'Sec-WebSocket-Protocol must be a list of different tokens');
  }
  return tokens;
}

function joined(headers: Headers, name: string): string {
  return headers.get(name)?.join(',') ?? '';
}

/** The value of a header that may stand once; undefined when absent or repeated. */
function single(headers: Headers, name: string): string | undefined {
  const values = headers.get(name);
  return values?.length === 1 ? values[0] : undefined;
}
