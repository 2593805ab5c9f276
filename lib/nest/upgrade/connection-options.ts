import type { Limits } from '../../session/index.js';
import { type AcceptOptions, perMessageDeflate } from '../../transport/websocket/index.js';
import type { NestwireOptions } from '../nestwire.options.js';

/** The module's options and limits in the words of the WebSocket core. */
export function connectionOptions(options: NestwireOptions, limits: Limits): AcceptOptions {
  const { compression = false, heartbeat } = options;
  return {
    maxPayload: limits.messageBytes,
    maxFragments: limits.fragments,
    maxBufferedChunks: limits.bufferedChunks,
    maxPendingAutoPongs: limits.unsentPongs,
    // a session watches its own queue, where it knows the overflow policy of each stream
    maxOutboundBytes: Number.POSITIVE_INFINITY,
    closeTimeoutMs: limits.closeWaitMs,
    ...(heartbeat !== undefined && { heartbeat }),
    extensions: compression === false ? [] : [perMessageDeflate(compression === true ? {} : compression)],
  };
}
