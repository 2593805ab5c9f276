/**
 * The client's side of the opening handshake, RFC 6455 §4.1, without I/O: the headers that ask, and the
 * checks that an answer must pass before a single frame is believed.
 */
import { NestwireError } from '../../../errors/index.js';
import { isToken, listHasToken } from './header-lists.js';
import { SUPPORTED_VERSION } from './opening-handshake.js';

/** The answer to our handshake was a 101, but not a valid one. */
export class InvalidUpgradeError extends NestwireError {
  readonly code = 'WS_ERR_INVALID_UPGRADE';
}

export interface HandshakeRequest {
  /** 16 random bytes in base64. */
  readonly key: string;
  readonly subprotocols: readonly string[];
  /** `Sec-WebSocket-Extensions`, where something is offered. */
  readonly extensions: string | undefined;
  readonly origin: string | undefined;
}

export function requestHeaders(request: HandshakeRequest): Record<string, string> {
  return {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': SUPPORTED_VERSION,
    'Sec-WebSocket-Key': request.key,
    ...(request.subprotocols.length > 0 && { 'Sec-WebSocket-Protocol': request.subprotocols.join(', ') }),
    ...(request.extensions !== undefined && { 'Sec-WebSocket-Extensions': request.extensions }),
    ...(request.origin !== undefined && { Origin: request.origin }),
  };
}

/** @throws SyntaxError for what is not a list of different tokens (RFC 6455 §4.1 item 10) */
export function checkOfferedSubprotocols(subprotocols: readonly string[]): void {
  const bad = subprotocols.find((token, at) => !isToken(token) || subprotocols.indexOf(token) !== at);
  if (bad !== undefined)
    throw new SyntaxError(`subprotocol ${JSON.stringify(bad)} is repeated or not a token`);
}

/** Header values of a response, repeated ones joined with commas. */
export type ResponseHeaderValues = (name: string) => string | undefined;

/**
 * Checks a 101, RFC 6455 §4.1 "the client MUST validate".
 * @param accept what `Sec-WebSocket-Accept` must be
 * @returns the selected subprotocol, or an empty string
 * @throws InvalidUpgradeError
 */
export function checkSwitchingProtocols(
  header: ResponseHeaderValues,
  accept: string,
  offered: readonly string[],
): string {
  if (header('upgrade')?.toLowerCase() !== 'websocket') {
    throw new InvalidUpgradeError('the answer does not upgrade to websocket');
  }
  if (!listHasToken(header('connection') ?? '', 'upgrade')) {
    throw new InvalidUpgradeError('Connection of the answer does not name upgrade');
  }
  if (header('sec-websocket-accept')?.trim() !== accept) {
    throw new InvalidUpgradeError('Sec-WebSocket-Accept of the answer does not fit our key');
  }
  return checkSubprotocol(header('sec-websocket-protocol'), offered);
}

/** As browsers do (WHATWG WebSockets §5.2), silence about subprotocols that were asked for is a failure. */
function checkSubprotocol(selected: string | undefined, offered: readonly string[]): string {
  if (selected === undefined) {
    if (offered.length === 0) return '';
    throw new InvalidUpgradeError(`the server selected none of the subprotocols ${offered.join(', ')}`);
  }
  if (!offered.includes(selected)) {
    throw new InvalidUpgradeError(`subprotocol ${JSON.stringify(selected)} of the answer was not offered`);
  }
  return selected;
}
