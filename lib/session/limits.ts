import { LONGEST_TIMER_MS, NestwireError } from '../errors/index.js';

const KIB = 1024;
const MIB = 1024 * KIB;

/**
 * What one client may cost. Every limit is enforced before the memory is spent; every one can be set by
 * `NestwireModule.forRoot({ limits: { … } })`.
 */
export interface Limits {
  /** Size of one message from a client, in bytes. Beyond: close 1009. */
  readonly messageBytes: number;
  /** Frames that one message may be cut into. Beyond: close 1009. */
  readonly fragments: number;
  /** Pieces of a message kept while it is incomplete. Beyond: close 1009. */
  readonly bufferedChunks: number;
  /** Pongs that a client does not read. Beyond: close 1008. */
  readonly unsentPongs: number;
  /** Connections of the application at a time, handshakes under way included. Beyond: 503. Default no limit. */
  readonly connections: number;
  /**
   * The same for one client: an IPv4 address, or a /64 network of IPv6. Beyond: 429. Default no limit. Behind
   * proxies it needs the option `trustedProxies`.
   */
  readonly connectionsPerAddress: number;
  /** Handshakes of one client in a second. Beyond: 429 with `Retry-After`. Default no limit. */
  readonly connectionRate: number;
  /** Handshakes at a time whose guards and `@OnConnect` have not decided. Beyond: 503 with `Retry-After`. */
  readonly pendingHandshakes: number;
  /** Time for the opening handshake with its guards and `@OnConnect`. Beyond: 503. */
  readonly handshakeMs: number;
  /** Time a client has to answer a close frame, or to send the rest of what was refused. Beyond: it is cut off. */
  readonly closeWaitMs: number;
  /**
   * Time without any message, either way; pings and pongs are none. Beyond, at the latest a quarter of it
   * later: close 4408. Of WebSockets only: who polls, or reads a stream, has come to wait. Default no limit.
   */
  readonly idleMs: number;
  /**
   * Messages received and waiting for their turn. Above it nothing more is read from the client, so that
   * back-pressure reaches it; reading goes on below half of it.
   */
  readonly inboundBytes: number;
  /** Bytes already queued for a client when one more message comes. Beyond: the overflow policy, or close 4413. */
  readonly outboundBytes: number;
  /**
   * High-water mark: with more than this queued, an async iterable is not pulled, and the policies `latest`
   * and `drop-oldest` hold back what they send.
   */
  readonly highWaterBytes: number;
  /** Channels that a session may have joined. Beyond: `join` throws. */
  readonly channels: number;
  /** Streams that a session may have open, with or without an id. Beyond: an exception with status 429. */
  readonly streams: number;
  /** Messages in a row that are no messages, name no event or are refused by their schema. Then: close 4400. */
  readonly badMessages: number;
  /**
   * Messages that a session may send a second, on average and in a burst. Beyond: an exception with status
   * 429; after as many of those, close 4429. Default no limit.
   */
  readonly messagesPerSecond: number;
  /**
   * Requests of a session that wait, run or stream. Beyond: an exception with status 429. When a quarter of
   * them wait, nothing more is read from the client.
   */
  readonly openRequests: number;
  /** Time for a handler's promise. Beyond: an exception with status 504, and its slot is free. Default no limit. */
  readonly messageMs: number;
  /** How long a resumable session waits for its client without a connection, in milliseconds. Then: its end. */
  readonly resumeWindowMs: number;
  /** Messages that a resumable session keeps to send them again. Beyond: the oldest are a gap. */
  readonly ringMessages: number;
  /** Bytes of them; `outboundBytes` bounds it too. Beyond: the oldest are a gap. */
  readonly ringBytes: number;
  /** Resumable sessions of the process without a connection. Beyond: the one that waits longest ends. */
  readonly detachedSessions: number;
  /** Bytes of messages that they keep together. Beyond: the one that waits longest ends. */
  readonly detachedBytes: number;
  /**
   * Sessions that were made over HTTP, and that no client has connected to yet. Beyond: 503 with `Retry-After`.
   */
  readonly awaitedSessions: number;
  /** The same of one client: an IPv4 address, or a /64 network of IPv6. Beyond: 429 with `Retry-After`. */
  readonly awaitedSessionsPerAddress: number;
  /** Time for a shutdown, in milliseconds, from the first refusal on. Beyond: clients that are left are dropped. */
  readonly shutdownMs: number;
  /**
   * Time over which a shutdown tells clients one after another, at most: 5 ms for each, and never more than half
   * of `shutdownMs`.
   */
  readonly shutdownSpreadMs: number;
}

/** A forgotten limit must not be an open door: these hold unless set. */
export const DEFAULT_LIMITS: Limits = Object.freeze({
  messageBytes: 256 * KIB,
  fragments: 1024,
  bufferedChunks: 4096,
  unsentPongs: 16,
  connections: Infinity,
  connectionsPerAddress: Infinity,
  connectionRate: Infinity,
  pendingHandshakes: 1024,
  handshakeMs: 10_000,
  closeWaitMs: 5_000,
  idleMs: Infinity,
  inboundBytes: MIB,
  outboundBytes: MIB,
  highWaterBytes: 64 * KIB,
  channels: 128,
  streams: 64,
  badMessages: 100,
  messagesPerSecond: Infinity,
  openRequests: 4096,
  messageMs: Infinity,
  resumeWindowMs: 120_000,
  ringMessages: 1000,
  ringBytes: 256 * KIB,
  detachedSessions: 10_000,
  detachedBytes: 64 * MIB,
  awaitedSessions: 1024,
  awaitedSessionsPerAddress: 128,
  shutdownMs: 30_000,
  shutdownSpreadMs: 15_000,
});

/** A limit that is no positive integer, or too long for a timer, and not `Infinity` where that is the default. */
export class InvalidLimitError extends NestwireError {
  readonly code = 'INVALID_LIMIT';
}

/** The window is waited for by as many as it takes. */
const isOfOneTimer = (name: string): boolean => name.endsWith('Ms') && name !== 'resumeWindowMs';

/** @throws InvalidLimitError */
export function resolveLimits(given: Partial<Limits> = {}): Limits {
  for (const [name, value] of Object.entries(given)) {
    if (!(name in DEFAULT_LIMITS)) throw new InvalidLimitError(`there is no limit "${name}"`);
    const isOff = value === Infinity && value === DEFAULT_LIMITS[name as keyof Limits];
    if (!isOff && (!Number.isSafeInteger(value) || value < 1)) {
      throw new InvalidLimitError(`limit "${name}" must be a positive integer, not ${String(value)}`);
    }
    if (!isOff && isOfOneTimer(name) && value > LONGEST_TIMER_MS) {
      throw new InvalidLimitError(`limit "${name}" of ${value} ms exceeds ${LONGEST_TIMER_MS}`);
    }
  }
  return { ...DEFAULT_LIMITS, ...given };
}
