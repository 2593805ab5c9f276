/** What the decorators leave behind, and the explorer reads. */
import type { AnyProtocol } from '../../protocol/index.js';
import type { Overflow } from '../../session/index.js';

export const GATEWAY_METADATA = 'nestwire:gateway';
export const SUBSCRIPTIONS_METADATA = 'nestwire:subscriptions';
export const LIFECYCLE_METADATA = 'nestwire:lifecycle';
export const SSE_METADATA = 'nestwire:sse';

/** What one `@Subscribe` says about its method. */
export interface SubscriptionMetadata {
  readonly event: string;
  /** Undefined: for sessions of every protocol, and for those without. */
  readonly protocol: AnyProtocol | undefined;
  readonly overflow: Overflow;
}

export type Lifecycle = 'connect' | 'disconnect';
