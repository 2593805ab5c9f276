import { json } from '../../protocol/codec/index.js';
import type { AnyProtocol, Codec } from '../../protocol/index.js';
import { HandshakeError } from '../../transport/websocket/index.js';
import type { GatewayOptions } from '../decorators/gateway.decorator.js';
import { InvalidGatewayError } from './errors.js';

/** One thing that the sessions of an endpoint may speak. */
export interface ServedProtocol {
  /** Names it in a handshake. */
  readonly token: string | undefined;
  readonly protocol: AnyProtocol | undefined;
  readonly codec: Codec;
}

/** What a session speaks, and the token that says so in the answer: none when the client offered none. */
export interface ProtocolChoice {
  readonly served: ServedProtocol;
  readonly subprotocol: string | undefined;
}

/**
 * Each protocol as JSON under its own name, and by each further codec under `name+codec`. Sessions without
 * protocol speak the codec that their gateways name.
 * @throws InvalidGatewayError when the gateways of the path contradict each other
 */
export function listServed(
  path: string,
  protocols: readonly AnyProtocol[],
  codecs: readonly Codec[],
  gateways: readonly Pick<GatewayOptions, 'codec'>[],
): [ServedProtocol, ...ServedProtocol[]] {
  const [codec = json, ...others] = new Set(gateways.map((gateway) => gateway.codec ?? json));
  if (others.length > 0) throw new InvalidGatewayError(`the gateways of ${path} have different codecs`);
  if (codec !== json && protocols.length > 0) {
    throw new InvalidGatewayError(`${path} has protocols, whose codec is negotiated, and a codec`);
  }
  const [first, ...more] = protocols.flatMap((protocol) => [
    { token: protocol.name, protocol, codec: json },
    ...codecs.map((other) => ({ token: `${protocol.name}+${other.name}`, protocol, codec: other })),
  ]);
  return first ? [first, ...more] : [{ token: undefined, protocol: undefined, codec }];
}

/** In the list of subprotocols, where browsers can put it: a credential, never selected. */
const CREDENTIAL_PREFIX = 'bearer.';

/**
 * The first that the client prefers among those that are served. A gateway without protocols takes whoever
 * comes, and selects nothing.
 * @param offered tokens as the client prefers them
 * @throws HandshakeError 400
 */
export function chooseProtocol(
  served: readonly [ServedProtocol, ...ServedProtocol[]],
  offered: readonly string[],
  requireProtocol: boolean,
): ProtocolChoice {
  const [first] = served;
  if (first.token === undefined) return { served: first, subprotocol: undefined };
  const names = served.map(({ token }) => token).join(', ');
  const tokens = offered.filter((token) => !token.startsWith(CREDENTIAL_PREFIX));
  if (tokens.length === 0) {
    if (requireProtocol) throw new HandshakeError(400, `a subprotocol is required: ${names}`);
    return { served: first, subprotocol: undefined };
  }
  for (const offer of tokens) {
    const found = served.find(({ token }) => token === offer);
    if (found) return { served: found, subprotocol: offer };
  }
  throw new HandshakeError(400, `none of the subprotocols is served; served are: ${names}`);
}
