/**
 * The part of the broker's port that knows who is in a channel. A person is in it as long as at least one process
 * says so; a process that dies is found out by its silence, and says nothing any more. The comments are the
 * specification; `test/broker/presence.contract.ts` checks every implementation against them.
 */
import type { BrokerSubscription } from '../broker-subscription.js';
import type { Position } from '../position.js';

/** Somebody who is in a channel, by however many sessions, in however many processes. */
export interface PresentPerson {
  /** Who it is: 1 to 255 bytes. */
  readonly key: string;
  /** What the application said about the person when the first session came: whatever JSON can say. */
  readonly info: unknown;
}

/** Who is in a channel, at one moment. */
export interface PresenceState {
  readonly people: readonly PresentPerson[];
  /** Of the last change that it contains: the next one is at the next offset. */
  readonly position: Position;
}

export interface PresenceChange {
  readonly type: 'joined' | 'left';
  readonly person: PresentPerson;
  /** Changes of one epoch count by one. */
  readonly position: Position;
}

export interface BrokerPresence {
  /**
   * From now on this process says that the person is in the channel, and sees to it that this stays known:
   * also when the engine was away, or took the process for dead. A person whom another process has said to be
   * there already keeps the info that is known.
   *
   * At most `size` people are listed; one who comes beyond that is listed as soon as there is a place. Settles
   * when it was tried; never rejects.
   */
  enter(channel: string, person: PresentPerson, size: number): Promise<void>;

  /** This process says it no longer. Settles when it was tried; never rejects. */
  leave(channel: string, key: string): Promise<void>;

  /** Who is in the channel now, in no order. Rejects while the engine is away. */
  read(channel: string): Promise<PresenceState>;

  /**
   * Tells changes: the first session of a person that comes, and the last that goes, each once and in order.
   * The people of a process that died leave within a time that the broker states. `lost` is called when changes
   * may have been missed: only `read` tells then.
   */
  watch(channel: string, changed: (change: PresenceChange) => void, lost: () => void): BrokerSubscription;
}
