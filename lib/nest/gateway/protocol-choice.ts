import type { AnyProtocol } from '../../protocol/index.js';
import { HandshakeError } from '../../transport/websocket/index.js';

/** What a session speaks, and the token that says so in the answer: none when the client offered none. */
export interface ProtocolChoice {
  readonly protocol: AnyProtocol | undefined;
  readonly subprotocol: string | undefined;
}

/** In the list of subprotocols, where browsers can put it: a credential, never selected. */
const CREDENTIAL_PREFIX = 'bearer.';

/**
 * The first that the client prefers among those that the gateway speaks. A gateway without protocols takes
 * whoever comes, and selects nothing.
 * @param offered tokens as the client prefers them
 * @throws HandshakeError 400
 */
export function chooseProtocol(
  protocols: readonly AnyProtocol[],
  offered: readonly string[],
  requireProtocol: boolean,
): ProtocolChoice {
  if (protocols.length === 0) return { protocol: undefined, subprotocol: undefined };
  const tokens = offered.filter((token) => !token.startsWith(CREDENTIAL_PREFIX));
  const names = protocols.map(({ name }) => name).join(', ');
  if (tokens.length === 0) {
    if (requireProtocol) throw new HandshakeError(400, `a subprotocol is required: ${names}`);
    return { protocol: protocols[0], subprotocol: undefined };
  }
  for (const token of tokens) {
    const protocol = protocols.find(({ name }) => name === token);
    if (protocol) return { protocol, subprotocol: token };
  }
  throw new HandshakeError(400, `none of the subprotocols is served; served are: ${names}`);
}
