/** The port between a session and its channels. Implemented by `lib/channel`. */
import type { Outlet } from './outbound.js';
import type { Overflow } from './overflow.js';

/** A session, as a channel knows it. */
export interface ChannelMember {
  /** The way of a channel's publications to the client. */
  openOutlet(channel: string, overflow: Overflow): Outlet;
}

export interface Membership {
  /**
   * Begins to deliver at once; the promise tells when nothing published elsewhere is missed any more. When
   * it rejects the member is out again.
   */
  join(channel: string, member: ChannelMember): Promise<void>;
  leave(channel: string, member: ChannelMember): void;
}
