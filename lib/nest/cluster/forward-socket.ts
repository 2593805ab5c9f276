import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Tunnel } from './tunnel.js';

/** A client that does not take the last bytes is waited for that long. */
const LINGER_MS = 5_000;

/** A request to upgrade, and all that came with it. */
export interface ForwardedUpgrade {
  readonly request: IncomingMessage;
  readonly socket: Socket;
  readonly head: Buffer;
  readonly handshake: { readonly target: string };
}

/** Puts an upgrade through, and everything after it; the answer is the owner's, whatever it is. */
export function forwardSocket(tunnel: Tunnel, { request, socket, head, handshake }: ForwardedUpgrade): void {
  if (tunnel.destroyed) return void socket.destroy();
  socket.setTimeout(0);
  socket.setNoDelay();
  tunnel.write(headOf(request, handshake.target));
  if (head.length > 0) tunnel.write(head);
  socket.pipe(tunnel);
  tunnel.pipe(socket);
  socket.once('close', () => tunnel.destroy());
  tunnel.once('close', () => leave(socket));
}

/**
 * As it came: Node has read it, so that no line can be smuggled in. But for the URL, of which middleware may have
 * cut what it is mounted on.
 */
function headOf({ method, rawHeaders }: IncomingMessage, url: string): Buffer {
  const lines = [`${method} ${url} HTTP/1.1`];
  for (let i = 0; i < rawHeaders.length; i += 2) lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

/** Passes on what came before the end. */
function leave(socket: Socket): void {
  if (socket.destroyed) return;
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
  socket.destroySoon();
}
