/**
 * What happens to a stream or a channel when its client reads more slowly than items come:
 * - `buffer`: everything is queued; over `limits.outboundBytes` the client is closed with 4413
 * - `latest`: above the high-water mark only the newest item waits
 * - `drop-oldest`: above the high-water mark items wait within `limits.outboundBytes`, the oldest give way
 * - `error`: over `limits.outboundBytes` the stream ends with an exception, or the session leaves the channel
 */
export type Overflow = 'buffer' | 'latest' | 'drop-oldest' | 'error';
