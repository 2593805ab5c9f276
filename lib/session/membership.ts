/** The port between a session and its channels. Implemented by `lib/channel`. */
import type { Codec } from '../protocol/codec/index.js';
import type { GatewaySession } from './gateway-session.js';
import type { JoinResult } from './join-result.js';
import type { Outlet } from './outbound.js';
import type { Overflow } from './overflow.js';

/** A session, as a channel knows it. */
export interface ChannelMember {
  /** As the application knows it; undefined for what is no session: nobody is present by that. */
  readonly session: GatewaySession | undefined;
  /** What its publications are encoded by. */
  readonly codec: Codec;
  /** Whether it wants to know where it stands: it may come back, and then go on from there. */
  readonly resumable: boolean;
  /** The way of a channel's publications to the client. */
  openOutlet(channel: string, overflow: Overflow): Outlet;
  /**
   * What follows comes right after `cursor`. `recovered`: nothing is missing since the cursor that was given.
   * A plain client hears nothing of the library's own where nothing is wrong.
   */
  joined?(channel: string, cursor: string, recovered: true | undefined): void;
  /** Something is missing; what follows comes right after `cursor`, if the channel has any. */
  gap(channel: string, cursor: string | undefined): void;
  /** Settles when the client keeps up, or is gone; undefined when it keeps up now. */
  keepingUp(): Promise<void> | undefined;
}

export interface Membership {
  /**
   * Begins to deliver at once; the promise tells when nothing published elsewhere is missed any more. When
   * it rejects the member is out again.
   * @param from a cursor, or `start`: what came after it is delivered first, and the promise waits for that.
   *   For a cursor that nothing can be made of the member is told a gap.
   */
  join(channel: string, member: ChannelMember, from?: string): Promise<JoinResult>;
  leave(channel: string, member: ChannelMember): void;
  /** The cursor from which one who joins now would go on; undefined in a channel without history. */
  position(channel: string): Promise<string | undefined>;
}
