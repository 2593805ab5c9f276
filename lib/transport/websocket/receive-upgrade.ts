/** The first steps of every upgrade, whoever serves it: what needs no waiting and asks nobody. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HandshakeError, OpeningHandshake } from '../../protocol/websocket/index.js';
import type { Admission } from '../admission/index.js';
import { type OriginPolicy, checkOrigin } from './origin-policy.js';
import { hasPendingResponse } from './pending-responses.js';
import { readUpgrade, refusalOf, refuseUpgrade, survive } from './upgrade.js';

export interface UpgradeRules<T> {
  readonly origin: OriginPolicy;
  readonly admission: Admission;
  /** What else has to hold; throws a `HandshakeError` to refuse. */
  readonly judge: (handshake: OpeningHandshake) => T;
  /** The answer was written; `error` is what it was made of. */
  readonly refused: (refusal: HandshakeError, error: unknown) => void;
}

/**
 * Takes a socket of an HTTP server's `upgrade` event.
 * @returns what `judge` returned; undefined when the upgrade was refused
 */
export function receiveUpgrade<T>(
  request: IncomingMessage,
  socket: Duplex,
  rules: UpgradeRules<T>,
): T | undefined {
  survive(socket);
  // Its peer may have left while the application thought, or the answer to a request before it is to come,
  // which would get between the frames
  if (socket.destroyed || hasPendingResponse(socket)) {
    socket.destroy();
    return undefined;
  }
  try {
    rules.admission.enter(request, socket);
    const handshake = readUpgrade(request);
    checkOrigin(rules.origin, handshake.origin, request, rules.admission.proxies.hostOf(request));
    return rules.judge(handshake);
  } catch (error) {
    const refusal = refusalOf(error);
    refuseUpgrade(socket, refusal);
    rules.refused(refusal, error);
    return undefined;
  }
}
