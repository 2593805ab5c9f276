/**
 * A handshake that waits for the application. Meanwhile its socket is read, since only so the peer's end is
 * seen: a peer that leaves, by FIN or reset, has its socket destroyed at once, and `close` tells all who wait.
 * What it sends early is kept, up to a limit, and put back for whoever takes the socket next.
 */
import type { Duplex } from 'node:stream';
import type { Admission } from '../admission/index.js';

/** Enough for the first messages of a client that doesn't wait for the 101; then reading rests. */
const MAX_EARLY_BYTES = 16 * 1024;

export class PendingHandshake {
  private readonly early: Buffer[] = [];
  private earlyBytes = 0;
  private leave: (() => void) | undefined;

  constructor(
    private readonly socket: Duplex,
    admission: Admission,
  ) {
    this.leave = admission.wait();
    socket.on('data', this.keep).on('end', this.peerEnded).on('close', this.uncount);
  }

  private readonly keep = (chunk: Buffer): void => {
    this.early.push(chunk);
    this.earlyBytes += chunk.length;
    if (this.earlyBytes >= MAX_EARLY_BYTES) this.socket.pause();
  };

  private readonly peerEnded = (): void => void this.socket.destroy();

  private readonly uncount = (): void => {
    this.leave?.();
    this.leave = undefined;
  };

  /** It is decided. What follows must take the socket, or read it to its end, in the same tick. */
  over(): void {
    const { socket } = this;
    if (this.leave === undefined) return;
    this.uncount();
    socket.removeListener('data', this.keep).removeListener('end', this.peerEnded);
    socket.removeListener('close', this.uncount);
    if (socket.destroyed) return;
    // Only a stream that rests gives back what is put back, when it goes on in the next tick
    socket.pause();
    if (this.earlyBytes > 0) socket.unshift(Buffer.concat(this.early));
    socket.resume();
  }
}
