/**
 * The opening handshake on a `node:http` upgrade, in three acts that a caller may put its own work between:
 * `readUpgrade` (is it a handshake, and a legal one), then whatever decides, then `acceptUpgrade` or
 * `refuseUpgrade`.
 */
import { type IncomingMessage, STATUS_CODES, validateHeaderName, validateHeaderValue } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  type Extension,
  HandshakeError,
  type NegotiatedExtension,
  type OpeningHandshake,
  acceptExtensions,
  acceptKey,
  readOpeningHandshake,
  writeNegotiated,
  writeRefusal,
  writeSwitchingProtocols,
} from '../../protocol/websocket/index.js';
import { type GivenConnectionOptions, connectionOptions } from './options.js';
import { sha1Base64 } from './sha1.js';
import { WebSocket } from './web-socket.js';

export type ResponseHeaders = Readonly<Record<string, string | readonly string[]>>;

/** What the 101 says beyond the handshake itself. */
export interface Answer {
  /** The selected subprotocol: one that the client offered. Default none. */
  readonly subprotocol?: string | undefined;
  /** Extensions to accept where the client offers them, as `perMessageDeflate()` makes. Default none. */
  readonly extensions?: readonly Extension[] | undefined;
  /** Further headers of the 101. */
  readonly headers?: ResponseHeaders | undefined;
}

export interface AcceptOptions extends Answer, GivenConnectionOptions {}

/** @throws HandshakeError with the HTTP answer for a bad handshake */
export function readUpgrade(request: IncomingMessage): OpeningHandshake {
  return readOpeningHandshake(request);
}

/**
 * Writes the 101 and takes the socket over.
 * @param head bytes that came behind the handshake; they are read first, once
 * @returns an open WebSocket; its first message comes in a later tick, so that listeners can be added
 * @throws TypeError for a header that can't be sent; nothing was written then
 */
export function acceptUpgrade(
  socket: Duplex,
  head: Buffer,
  handshake: OpeningHandshake,
  options: AcceptOptions = {},
): WebSocket {
  const limits = connectionOptions(options);
  return new WebSocket({
    ...switchProtocols(socket, head, handshake, options),
    role: 'server',
    subprotocol: options.subprotocol ?? '',
    options: limits,
  });
}

/**
 * Agrees on extensions and writes the 101.
 * @throws HandshakeError 400 for malformed extensions
 * @throws TypeError for a header that can't be sent; nothing was written then
 */
export function switchProtocols(
  socket: Duplex,
  head: Buffer,
  handshake: OpeningHandshake,
  options: Answer,
): { socket: Socket; extensions: NegotiatedExtension[] } {
  const extensions = acceptExtensions(handshake.extensions, options.extensions ?? []);
  const lines = headerLines(options.headers ?? {});
  if (options.subprotocol) lines.push(...headerLines({ 'Sec-WebSocket-Protocol': options.subprotocol }));
  if (extensions.length > 0) lines.push(`Sec-WebSocket-Extensions: ${writeNegotiated(extensions)}`);
  socket.removeListener('error', ignore);
  socket.write(writeSwitchingProtocols(acceptKey(handshake.key, sha1Base64), lines));
  if (head.length > 0) socket.unshift(head);
  return { socket: asSocket(socket), extensions };
}

/** Node's HTTP and HTTPS servers hand over net.Socket and its descendants, typed as Duplex only. */
export const asSocket = (socket: Duplex): Socket => socket as unknown as Socket;

/** The path of a request target, in origin-form or absolute-form, without the query. */
export function pathOf(target: string): string {
  return target.replace(/^(?:https?|wss?):\/\/[^/?#]*/i, '').split('?', 1)[0]!;
}

/** How long a refused peer may take to close its side, before it is cut off. */
const LINGER_MS = 1_000;

/** Answers a handshake with an HTTP error and closes the connection. */
export function refuseUpgrade(socket: Duplex, error: HandshakeError): void {
  if (socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  socket.end(refusal(error));
  linger(socket);
}

/** Closes behind an answer that was already written. */
export function endAnswered(socket: Duplex): void {
  socket.end();
  linger(socket);
}

/** Closing with unread bytes would reset the connection, and the peer might never see the answer. */
function linger(socket: Duplex): void {
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
}

/** Nothing of what an application throws may reach the peer, unless it was made for it. */
export function refusalOf(error: unknown): HandshakeError {
  return error instanceof HandshakeError ? error : new HandshakeError(500, 'the handshake failed');
}

/** A header that can't be sent, which may hold what a peer sent, must not become an uncaught exception. */
function refusal({ status, headers, message }: HandshakeError): string {
  try {
    return writeRefusal(status, STATUS_CODES[status] ?? 'Refused', headerLines(headers), message);
  } catch {
    return writeRefusal(500, STATUS_CODES[500]!, [], 'the handshake failed');
  }
}

/** A peer may reset in mid-handshake; without a listener that would end the process. */
export function survive(socket: Duplex): void {
  socket.on('error', ignore);
}

function ignore(): void {}

/** @throws TypeError for a name or value that HTTP does not allow: no line can be smuggled in */
export function headerLines(headers: ResponseHeaders): string[] {
  return Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().map((value) => {
      validateHeaderName(name);
      validateHeaderValue(name, value);
      return `${name}: ${value}`;
    }),
  );
}
