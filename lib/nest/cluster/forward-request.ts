import { type ClientRequest, type IncomingMessage, type ServerResponse, request as ask } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { closeAfterBody } from '../../transport/unread-body.js';
import { writeJson } from '../http/request-body.js';
import type { Tunnel } from './tunnel.js';

/** A request over plain HTTP, and the way to answer it. */
export interface ForwardedRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Path and query, as requested. */
  readonly url: string;
}

/** RFC 9110 §7.6.1: of one connection only. */
const HOP_BY_HOP = [
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/**
 * @param body what the application's parser has read before us: `parsedBody`
 * @returns whether the owner has answered; else nothing was said to the client yet
 */
export function forwardRequest(
  tunnel: Tunnel,
  { request, response, url }: ForwardedRequest,
  body: ParsedBody,
): Promise<boolean> {
  const forwarded = ask({
    createConnection: () => tunnel,
    method: request.method,
    path: url,
    headers: headersOf(request, body),
  });
  response.once('close', () => forwarded.destroy());
  return new Promise((resolve) => {
    forwarded.on('error', () => resolve(false)).on('close', () => resolve(false));
    forwarded.once('response', (answer: IncomingMessage) => {
      resolve(true);
      passOn(answer, request, response);
    });
    sendBody(request, body, forwarded);
  });
}

/** What the application's parser has read before us. @throws HttpRefusal 400 */
export function parsedBody(request: IncomingMessage): string | Uint8Array | undefined {
  const { body } = request as { body?: unknown };
  if (!request.readableEnded || body === undefined) return undefined;
  return body instanceof Uint8Array ? body : writeJson(body);
}

type ParsedBody = ReturnType<typeof parsedBody>;

function sendBody(request: IncomingMessage, body: ParsedBody, forwarded: ClientRequest): void {
  if (body !== undefined || request.readableEnded) return void forwarded.end(body);
  // by itself the head waits for the body, and the owner may not want that
  if (request.readableLength === 0) forwarded.flushHeaders();
  request.pipe(forwarded);
}

/** As they came, in a list of names and values. */
function headersOf({ rawHeaders, headers }: IncomingMessage, body: ParsedBody): string[] {
  const isChunked = body === undefined && headers['transfer-encoding'] !== undefined;
  const own = ['Connection', 'close', ...(isChunked ? ['Transfer-Encoding', 'chunked'] : [])];
  if (body !== undefined) own.push('Content-Length', `${Buffer.byteLength(body)}`);
  const authority = headers[':authority'];
  if (typeof authority === 'string') own.push('Host', authority); // HTTP/2
  const isLeftOut = (name: string): boolean =>
    HOP_BY_HOP.includes(name) ||
    name.startsWith(':') ||
    (body !== undefined && /^content-(length|encoding)$/.test(name));
  const kept = rawHeaders.filter((_, i) => !isLeftOut(rawHeaders[i - (i % 2)]!.toLowerCase()));
  return [...kept, ...own];
}

function passOn(answer: IncomingMessage, request: IncomingMessage, response: ServerResponse): void {
  if (response.destroyed) return void answer.destroy();
  for (const [name, values = []] of Object.entries(answer.headersDistinct)) {
    if (!HOP_BY_HOP.includes(name)) response.setHeader(name, values.length === 1 ? values[0]! : values);
  }
  // what the owner did not want to read, we do not either
  const isUnread = !request.complete && request.httpVersionMajor === 1;
  if (isUnread) response.setHeader('Connection', 'close');
  response.writeHead(answer.statusCode!);
  response.flushHeaders();
  pipeline(answer, response, { end: !isUnread }).then(
    () => isUnread && closeAfterBody(request, response),
    () => void response.destroy(),
  );
}
