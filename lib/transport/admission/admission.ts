/** Who may come in at all: limits on how many do, looked at before anything is spent on a handshake. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { HandshakeError } from '../../protocol/websocket/index.js';
import { limit } from '../limit.js';
import { clientNetwork } from './address.js';
import { ConnectionCounts } from './connection-counts.js';
import { HandshakeRate } from './handshake-rate.js';
import { TrustedProxies } from './trusted-proxies.js';

/** A client is an IPv4 address or a /64 network of IPv6. `Infinity` switches a limit off. */
export interface AdmissionOptions {
  /**
   * Proxies in front of this server: addresses, networks such as `10.0.0.0/8`, and `unix` for UNIX sockets.
   * Only what these say in `X-Forwarded-For` and `X-Forwarded-Host` counts. Default none.
   */
  readonly trustedProxies?: readonly string[];
  /** Connections at a time, handshakes under way included; beyond: 503. Default no limit. */
  readonly maxConnections?: number;
  /** Connections of one client at a time, handshakes under way included; beyond: 429. Default no limit. */
  readonly maxConnectionsPerAddress?: number;
  /** Handshakes that wait for the application's decision at a time; beyond: 503. Default 1,024. */
  readonly maxPendingHandshakes?: number;
  /** Handshakes of one client in a second; beyond: 429 with `Retry-After`. Default no limit. */
  readonly connectionRate?: number;
}

const DEFAULT_MAX_PENDING = 1_024;

export class Admission {
  readonly proxies: TrustedProxies;
  private readonly counts: ConnectionCounts;
  private readonly rate: HandshakeRate;
  private readonly countsClients: boolean;
  private readonly maxPending: number;
  private pending = 0;

  /** @throws RangeError for a limit that is not a number of at least 0, and for a bad trusted proxy */
  constructor(options: AdmissionOptions = {}) {
    this.proxies = new TrustedProxies(options.trustedProxies);
    this.maxPending = limit('maxPendingHandshakes', options.maxPendingHandshakes, DEFAULT_MAX_PENDING);
    const max = limit('maxConnections', options.maxConnections, Infinity);
    const perClient = limit('maxConnectionsPerAddress', options.maxConnectionsPerAddress, Infinity);
    const perSecond = limit('connectionRate', options.connectionRate, Infinity);
    this.countsClients = Math.min(perClient, perSecond) < Infinity;
    this.counts = new ConnectionCounts(max, perClient);
    this.rate = new HandshakeRate(perSecond);
  }

  /**
   * Counts one more connection, until its socket is gone.
   * @throws HandshakeError 503 or 429 when a limit is reached; then nothing was counted
   */
  enter(request: IncomingMessage, socket: Duplex): void {
    this.counts.add(socket, this.check(request));
  }

  /**
   * Counts one more client, which has no socket of its own.
   * @returns a function that gives its place back; to be called once
   * @throws HandshakeError 503 or 429 when a limit is reached; then nothing was counted
   */
  admit(request: IncomingMessage): () => void {
    return this.counts.take(this.check(request));
  }

  /** A client that is counted shakes hands once more. @throws HandshakeError 503 or 429 */
  admitAgain(request: IncomingMessage): void {
    this.checkPending();
    this.takeToken(this.clientToCount(request));
  }

  /** @returns whom to count it for */
  private check(request: IncomingMessage): string | undefined {
    this.checkPending();
    const client = this.clientToCount(request);
    this.counts.check(client);
    this.takeToken(client);
    return client;
  }

  private takeToken(client: string | undefined): void {
    if (client !== undefined) this.rate.take(client);
  }

  private clientToCount(request: IncomingMessage): string | undefined {
    return this.countsClients ? this.clientOf(request) : undefined;
  }

  /** Undefined for who comes by a UNIX socket, and is no trusted proxy: those can't be told apart. */
  private clientOf(request: IncomingMessage): string | undefined {
    const address = this.proxies.addressOf(request);
    return address === '' ? undefined : clientNetwork(address);
  }

  private checkPending(): void {
    if (this.pending < this.maxPending) return;
    const message = `${this.pending} handshakes are under way already`;
    throw new HandshakeError(503, message, { 'Retry-After': '1' });
  }

  /** A handshake begins to wait. @returns a function that ends this; to be called once */
  wait(): () => void {
    this.pending++;
    return () => this.pending--;
  }
}
