import { HandshakeError, type WebSocketServerOptions } from '../../transport/websocket/index.js';
import type { CallbackVerifyClient, GatewayServerOptions } from './adapter-options.js';

type VerifyClient = NonNullable<WebSocketServerOptions['verifyClient']>;

/** Existing gateways may have the form of `ws` with a callback, which the core has not. Told apart as in `ws`. */
export function asVerifyClient(given: NonNullable<GatewayServerOptions['verifyClient']>): VerifyClient {
  if (given.length !== 2) return given as VerifyClient;
  return (info) => promised(given, info);
}

function promised(verify: CallbackVerifyClient, info: Parameters<VerifyClient>[0]): Promise<boolean> {
  return new Promise((resolve, reject) => {
    verify(info, (isAllowed, status = 401, message = 'the connection was not authorized', headers = {}) => {
      if (isAllowed) resolve(true);
      else reject(new HandshakeError(status, message, headers));
    });
  });
}
