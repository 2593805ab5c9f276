/**
 * How many connections there are, in all and by client. Each is counted by its socket, from the upgrade to
 * the socket's end, so that whatever ends it in whatever phase gives its place back.
 */
import type { Duplex } from 'node:stream';
import { HandshakeError } from '../../protocol/websocket/index.js';

export class ConnectionCounts {
  private total = 0;
  private readonly byNetwork = new Map<string, number>();

  constructor(
    private readonly max: number,
    private readonly maxPerNetwork: number,
  ) {}

  /**
   * @param network undefined: this client counts in all only
   * @throws HandshakeError 503 or 429
   */
  check(network: string | undefined): void {
    if (this.total >= this.max) {
      throw new HandshakeError(503, `the server has all of its ${this.max} connections`);
    }
    if (network !== undefined && (this.byNetwork.get(network) ?? 0) >= this.maxPerNetwork) {
      throw new HandshakeError(429, `this address has all of its ${this.maxPerNetwork} connections`);
    }
  }

  /** Counts a connection until its socket is gone. */
  add(socket: Duplex, network: string | undefined): void {
    // One that is gone would never give its place back
    if (socket.destroyed) return;
    // Without a limit nothing need be kept for a connection
    if (this.max === Infinity && this.maxPerNetwork === Infinity) return;
    socket.once('close', this.take(network));
  }

  /** Counts a client that has no socket of its own. @returns gives its place back; to be called once */
  take(network: string | undefined): () => void {
    this.count(network, 1);
    return () => this.count(network, -1);
  }

  private count(network: string | undefined, by: 1 | -1): void {
    this.total += by;
    if (network === undefined) return;
    const count = (this.byNetwork.get(network) ?? 0) + by;
    if (count === 0) this.byNetwork.delete(network);
    else this.byNetwork.set(network, count);
  }
}
