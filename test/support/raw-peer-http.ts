/** The opening handshake by hand (RFC 6455 §4): requests of any shape, responses as they came. */
import { createHash } from 'node:crypto';

export interface RawResponse {
  readonly status: number;
  readonly reason: string;
  /** Names in lower case; repeated headers stay apart. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

export interface RawRequest {
  readonly requestLine: string;
  readonly headers: readonly (readonly [string, string])[];
}

/** The example key of RFC 6455 §1.3. */
export const exampleKey = 'dGhlIHNhbXBsZSBub25jZQ==';

/** What to change in a correct opening handshake. */
export interface RequestChanges {
  readonly method?: string;
  readonly target?: string;
  readonly version?: string;
  /** Replaces headers by name (any case); null leaves one out, a list repeats it. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | null>>;
  /** Appended to the header lines as it is. */
  readonly rawLines?: readonly string[];
  readonly body?: string;
}

export function upgradeRequest(changes: RequestChanges = {}): Buffer {
  const { method = 'GET', target = '/', version = 'HTTP/1.1', rawLines = [], body = '' } = changes;
  const lines = [`${method} ${target} ${version}`, ...headerLines(changes.headers ?? {}), ...rawLines];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1');
}

const correctHeaders: Record<string, string> = {
  Host: 'localhost',
  Upgrade: 'websocket',
  Connection: 'Upgrade',
  'Sec-WebSocket-Key': exampleKey,
  'Sec-WebSocket-Version': '13',
};

function headerLines(changes: NonNullable<RequestChanges['headers']>): string[] {
  const changed = new Set(Object.keys(changes).map((name) => name.toLowerCase()));
  const kept = Object.entries(correctHeaders).filter(([name]) => !changed.has(name.toLowerCase()));
  return writeHeaders([...kept, ...Object.entries(changes)]);
}

function writeHeaders(entries: [string, string | readonly string[] | null][]): string[] {
  return entries.flatMap(([name, value]) =>
    (value === null ? [] : typeof value === 'string' ? [value] : value).map((one) => `${name}: ${one}`),
  );
}

/** RFC 6455 §4.2.2 item 5.4. */
export const acceptFor = (key: string): string =>
  createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');

export function parseResponseHead(head: string): Omit<RawResponse, 'body'> {
  const [statusLine = '', ...lines] = head.split('\r\n');
  const match = /^HTTP\/1\.1 (\d{3}) (.*)$/.exec(statusLine);
  if (!match) throw new Error(`not a status line: ${JSON.stringify(statusLine)}`);
  return { status: Number(match[1]), reason: match[2]!, headers: lines.map(parseHeader) };
}

export function parseRequestHead(head: string): RawRequest {
  const [requestLine = '', ...lines] = head.split('\r\n');
  return { requestLine, headers: lines.map(parseHeader) };
}

function parseHeader(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

/** A server's answer to a handshake, correct but for `changes`; null leaves a header out. */
export function upgradeResponse(
  request: RawRequest,
  { statusLine = 'HTTP/1.1 101 Switching Protocols', headers = {}, body = '' }: ResponseChanges = {},
): Buffer {
  const all: Record<string, string | readonly string[] | null> = {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Accept': acceptFor(header(request, 'sec-websocket-key') ?? ''),
    ...headers,
  };
  return Buffer.from(`${[statusLine, ...writeHeaders(Object.entries(all))].join('\r\n')}\r\n\r\n${body}`);
}

/** What to change in a correct answer. */
export interface ResponseChanges {
  readonly statusLine?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly body?: string;
}

/** All values of a header, joined as one list. */
export function header(message: Pick<RawResponse, 'headers'>, name: string): string | undefined {
  const values = message.headers.filter(([key]) => key === name).map(([, value]) => value);
  return values.length === 0 ? undefined : values.join(', ');
}
