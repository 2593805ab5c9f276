import { type DeflatePreferences } from '../../../protocol/websocket/index.js';
import { limit } from '../../limit.js';

/** Options of `permessage-deflate`, RFC 7692. Compression is off unless they, or `true`, are given. */
export interface PerMessageDeflateOptions {
  /** Messages of fewer bytes are not compressed. Default 1,024. */
  readonly threshold?: number;
  /** Compresses each message of the server on its own, without a window kept per connection. Default false. */
  readonly serverNoContextTakeover?: boolean;
  /** Asks the same of the client. Default false. */
  readonly clientNoContextTakeover?: boolean;
  /** Window the server compresses with, 8 to 15 (a power of two, in bytes). Default 15. */
  readonly serverMaxWindowBits?: number;
  /** Window the client may compress with, where it lets us say. Default 15. */
  readonly clientMaxWindowBits?: number;
  /** zlib's effort, 1 (fast) to 9 (small). Default 6. */
  readonly level?: number;
  /** zlib's memory for compression, 1 to 9. Default 8. */
  readonly memLevel?: number;
  /**
   * What the windows of all connections in this process may take together; when it is spent, further
   * connections are negotiated without takeover, which keeps nothing per connection. Default 64 MiB.
   */
  readonly memoryBudgetBytes?: number;
}

/** The options with their defaults. */
export interface DeflateSettings extends DeflatePreferences {
  readonly threshold: number;
  readonly level: number;
  readonly memLevel: number;
  readonly memoryBudgetBytes: number;
}

/** @throws RangeError for a value out of its range */
export function deflateSettings(given: PerMessageDeflateOptions): DeflateSettings {
  return {
    threshold: limit('threshold', given.threshold, 1024),
    serverNoContextTakeover: given.serverNoContextTakeover ?? false,
    clientNoContextTakeover: given.clientNoContextTakeover ?? false,
    serverMaxWindowBits: within('serverMaxWindowBits', given.serverMaxWindowBits, 8, 15, 15),
    clientMaxWindowBits: within('clientMaxWindowBits', given.clientMaxWindowBits, 8, 15, 15),
    level: within('level', given.level, 1, 9, 6),
    memLevel: within('memLevel', given.memLevel, 1, 9, 8),
    memoryBudgetBytes: limit('memoryBudgetBytes', given.memoryBudgetBytes, 64 * 1024 * 1024),
  };
}

function within(
  name: string,
  given: number | undefined,
  from: number,
  to: number,
  otherwise: number,
): number {
  const value = given ?? otherwise;
  if (Number.isInteger(value) && value >= from && value <= to) return value;
  throw new RangeError(`${name} must be an integer from ${from} to ${to}, not ${value}`);
}
