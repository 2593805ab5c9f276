/** Limits and times of a connection, with the defaults that hold unless an application sets others. */
import { constants } from 'node:buffer';
import type { FrameLimits } from '../../protocol/websocket/index.js';
import { limit, timeLimit } from '../limit.js';
import type { HeartbeatTimes } from './heartbeat.js';

/** What one peer can make us hold, and for how long. */
export interface ConnectionOptions extends FrameLimits {
  /** Bytes of one message over all fragments, compressed or not; beyond: 1009. Default 256 KiB. */
  readonly maxPayload: number;
  /** Frames of one message; beyond: 1009. Default 1,024. */
  readonly maxFragments: number;
  /**
   * Separate arrivals of one message; beyond: 1009. Default 4,096, or one for every 64 bytes of
   * `maxPayload` where that is more.
   */
  readonly maxBufferedChunks: number;
  /** Automatic pongs that the peer has not taken; beyond: 1008. Default 16. */
  readonly maxPendingAutoPongs: number;
  /** Bytes already queued when a message is sent; beyond: 1008 and the queue is dropped. Default 1 MiB. */
  readonly maxOutboundBytes: number;
  /** How long the peer may take for its part of the closing handshake. Default 5,000 ms. */
  readonly closeTimeoutMs: number;
  /**
   * How long no message may be received or sent, pings and pongs not counted; beyond, at the latest a quarter
   * of it later: 1001. Default no limit.
   */
  readonly idleTimeoutMs: number;
  /** Pings, and the end of peers that fall silent; false for none. Default 25,000 and 20,000 ms. */
  readonly heartbeat: HeartbeatTimes | false;
}

/** What an application may set of them. */
export interface GivenConnectionOptions extends Partial<Omit<ConnectionOptions, 'heartbeat'>> {
  /** Pings, and the end of peers that fall silent; false for none. Default 25,000 and 20,000 ms. */
  readonly heartbeat?: Partial<HeartbeatTimes> | false;
}

const KIB = 1024;
const DEFAULT_MAX_PAYLOAD = 256 * KIB;
const DEFAULT_MAX_CHUNKS = 4096;
const BYTES_PER_CHUNK = 64;

/** @throws RangeError for a limit that is not a number of at least 0 */
export function connectionOptions(given: GivenConnectionOptions): ConnectionOptions {
  const maxPayload = Math.min(
    limit('maxPayload', given.maxPayload, DEFAULT_MAX_PAYLOAD),
    constants.MAX_LENGTH,
  );
  const chunks = Math.max(DEFAULT_MAX_CHUNKS, Math.ceil(maxPayload / BYTES_PER_CHUNK));
  return {
    maxPayload,
    maxFragments: limit('maxFragments', given.maxFragments, 1024),
    maxBufferedChunks: limit('maxBufferedChunks', given.maxBufferedChunks, chunks),
    maxPendingAutoPongs: limit('maxPendingAutoPongs', given.maxPendingAutoPongs, 16),
    maxOutboundBytes: limit('maxOutboundBytes', given.maxOutboundBytes, 1024 * KIB),
    closeTimeoutMs: timeLimit('closeTimeoutMs', given.closeTimeoutMs, 5_000),
    idleTimeoutMs: idleTimeout(given.idleTimeoutMs),
    heartbeat: heartbeatTimes(given.heartbeat),
  };
}

function heartbeatTimes(given: GivenConnectionOptions['heartbeat']): HeartbeatTimes | false {
  if (given === false) return false;
  const intervalMs = timeLimit('heartbeat.intervalMs', given?.intervalMs, 25_000);
  const timeoutMs = timeLimit('heartbeat.timeoutMs', given?.timeoutMs, 20_000);
  return { intervalMs, timeoutMs };
}

function idleTimeout(given: number | undefined): number {
  if (given === undefined || given === Infinity) return Infinity;
  return timeLimit('idleTimeoutMs', given, Infinity);
}
