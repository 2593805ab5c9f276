/**
 * Handshakes of one client in a second, by a token bucket that holds one second's worth.
 *
 * Theory of operation. A bucket is one number: the time at which it will be full again (GCRA). A handshake
 * puts that off by what one token takes to come; one that would put it off beyond a second finds the bucket
 * empty. A bucket that is full says nothing that a missing one does not, and each is full a second after its
 * last handshake (later only where a token takes longer than that). The table is in the order of last use, so
 * what can be forgotten comes to its front in time, and goes when the next handshake comes, without a timer.
 */
import { HandshakeError } from '../../protocol/websocket/index.js';

const SECOND_MS = 1_000;
const ROUNDING_MS = 0.001;
/** More clients than a process can shake hands with in a second; some MiB. Beyond, the oldest is forgotten. */
const MAX_CLIENTS = 16_384;

export class HandshakeRate {
  private readonly fullAt = new Map<string, number>();
  private readonly tokenMs: number;
  private readonly bucketMs: number;

  /** @param perSecond of one client; `Infinity` for no limit. Less than one is possible */
  constructor(private readonly perSecond: number) {
    this.tokenMs = SECOND_MS / perSecond;
    this.bucketMs = Math.max(SECOND_MS, this.tokenMs);
  }

  /** Clients remembered. */
  get size(): number {
    return this.fullAt.size;
  }

  /** Takes a token of this client. @throws HandshakeError 429 with `Retry-After` */
  take(network: string): void {
    if (this.perSecond === Infinity) return;
    const now = performance.now();
    const fullAt = Math.max(now, this.fullAt.get(network) ?? 0) + this.tokenMs;
    const waitMs = fullAt - this.bucketMs - now;
    // Not a number where no token ever comes
    if (!(waitMs < ROUNDING_MS)) throw this.tooMany(waitMs);
    this.fullAt.delete(network);
    this.forgetFull(now);
    this.fullAt.set(network, fullAt);
  }

  private forgetFull(now: number): void {
    for (const [network, fullAt] of this.fullAt) {
      if (fullAt > now && this.fullAt.size < MAX_CLIENTS) return;
      this.fullAt.delete(network);
    }
  }

  private tooMany(waitMs: number): HandshakeError {
    // RFC 9110 §10.2.3: whole seconds
    const seconds = Math.max(1, Math.ceil((waitMs || 0) / SECOND_MS));
    const message = `more than ${this.perSecond} handshakes a second from this address`;
    return new HandshakeError(429, message, { 'Retry-After': String(seconds) });
  }
}
