/**
 * Listening on a socket without a closure a connection: the listeners are shared functions, which find whom
 * they serve by a symbol on the socket.
 */
import type { Socket } from 'node:net';

export interface SocketUser {
  receive(chunk: Buffer): void;
  /** The peer has ended its half. */
  socketEnded(): void;
  /** The socket is gone; last. */
  socketClosed(): void;
}

const kUser = Symbol('nestwire.user');

type UsedSocket = Socket & { [kUser]: SocketUser };

/** Whether a connection has taken this socket. */
export const isInUse = (socket: object): boolean => kUser in socket;

export function useSocket(socket: Socket, user: SocketUser): void {
  (socket as UsedSocket)[kUser] = user;
  socket.setTimeout(0);
  socket.setNoDelay();
  socket.on('data', onData);
  socket.on('end', onEnd);
  socket.on('error', onError);
  socket.on('close', onClose);
}

function onData(this: Socket, chunk: Buffer): void {
  (this as UsedSocket)[kUser].receive(chunk);
}

function onEnd(this: Socket): void {
  (this as UsedSocket)[kUser].socketEnded();
}

/** A reset or a broken pipe: `close` follows and tells of it. Without a listener it would be thrown. */
function onError(): void {}

function onClose(this: Socket): void {
  (this as UsedSocket)[kUser].socketClosed();
}
