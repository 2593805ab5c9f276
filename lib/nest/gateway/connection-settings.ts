import type { Limits } from '../../session/index.js';
import {
  type ConnectionOptions,
  type Extension,
  connectionOptions,
  extensionsOf,
} from '../../transport/websocket/index.js';
import type { NestwireOptions } from '../nestwire.options.js';

/** How the WebSocket connections of gateways are set up: one object for all of them. */
export interface ConnectionSettings {
  readonly limits: ConnectionOptions;
  readonly extensions: readonly Extension[];
}

/** @throws RangeError for a heartbeat or compression option out of its range */
export function connectionSettings(options: NestwireOptions, limits: Limits): ConnectionSettings {
  return {
    limits: connectionOptions({
      maxPayload: limits.messageBytes,
      maxFragments: limits.fragments,
      maxBufferedChunks: limits.bufferedChunks,
      maxPendingAutoPongs: limits.unsentPongs,
      // the session watches its own queue, where it knows each stream's overflow policy
      maxOutboundBytes: Number.POSITIVE_INFINITY,
      closeTimeoutMs: limits.closeWaitMs,
      ...(options.heartbeat !== undefined && { heartbeat: options.heartbeat }),
    }),
    extensions: extensionsOf({ perMessageDeflate: options.compression ?? false }),
  };
}
