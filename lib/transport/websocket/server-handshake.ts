/** Deciding about one upgrade: everything between the request and the 101 that an application can take part in. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { HandshakeError } from '../../protocol/websocket/index.js';
import type { VerifyInfo, WebSocketServerOptions } from './server-options.js';
import { refusalOf } from './upgrade.js';

/**
 * Asks `verifyClient`, within the time limit and as long as the peer is there.
 * @throws HandshakeError 401 when it says no, 503 when it takes too long, 500 when it fails
 */
export async function verify(
  options: WebSocketServerOptions,
  timeoutMs: number,
  about: Omit<VerifyInfo, 'secure' | 'signal'>,
  socket: Duplex,
): Promise<void> {
  const abort = new AbortController();
  const info = {
    ...about,
    secure: 'encrypted' in socket,
    signal: abort.signal,
  };
  const verdict = Promise.resolve().then(() => options.verifyClient!(info));
  const allowed = await withinLimits(verdict, abort, timeoutMs, socket).catch((error: unknown) => {
    throw refusalOf(error);
  });
  if (!allowed) throw new HandshakeError(401, 'the connection was not authorized');
}

/** Waits for a verdict, the peer's leaving or the time limit, whichever is first; leaves nothing behind. */
async function withinLimits<T>(
  verdict: Promise<T>,
  abort: AbortController,
  timeoutMs: number,
  socket: Duplex,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let left: () => void = () => {};
  const interrupted = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new HandshakeError(503, `the handshake took over ${timeoutMs} ms`)),
      timeoutMs,
    );
    left = () => reject(new HandshakeError(400, 'the peer left'));
    socket.once('close', left);
  });
  try {
    return await Promise.race([verdict, interrupted]);
  } catch (error) {
    abort.abort();
    throw error;
  } finally {
    clearTimeout(timer);
    socket.removeListener('close', left);
  }
}

/** WIRE §1: the first that the client prefers among those served; none in common selects none. */
export function selectSubprotocol(
  options: WebSocketServerOptions,
  offered: readonly string[],
  request: IncomingMessage,
): string | undefined {
  if (offered.length === 0) return undefined;
  if (options.handleProtocols === undefined) {
    return offered.find((token) => options.protocols?.includes(token));
  }
  const selected = options.handleProtocols(new Set(offered), request);
  return selected === false ? undefined : selected;
}
