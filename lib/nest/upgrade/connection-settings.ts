import type { Limits } from '../../session/index.js';
import {
  Admission,
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
  readonly admission: Admission;
}

/**
 * The module's options and limits in the words of the WebSocket core.
 * @throws RangeError for a heartbeat or compression option out of its range, or a bad trusted proxy
 */
export function connectionSettings(options: NestwireOptions, limits: Limits): ConnectionSettings {
  const { compression = false, heartbeat } = options;
  return {
    limits: connectionOptions({
      maxPayload: limits.messageBytes,
      maxFragments: limits.fragments,
      maxBufferedChunks: limits.bufferedChunks,
      maxPendingAutoPongs: limits.unsentPongs,
      // a session watches its own queue, where it knows the overflow policy of each stream
      maxOutboundBytes: Number.POSITIVE_INFINITY,
      closeTimeoutMs: limits.closeWaitMs,
      idleTimeoutMs: limits.idleMs,
      ...(heartbeat !== undefined && { heartbeat }),
    }),
    extensions: extensionsOf({ perMessageDeflate: compression }),
    admission: new Admission({
      ...(options.trustedProxies && { trustedProxies: options.trustedProxies }),
      maxConnections: limits.connections,
      maxConnectionsPerAddress: limits.connectionsPerAddress,
      maxPendingHandshakes: limits.pendingHandshakes,
      connectionRate: limits.connectionRate,
    }),
  };
}
