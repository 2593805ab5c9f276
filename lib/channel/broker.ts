/**
 * The port behind channels: what carries publications between the processes of an application, and keeps
 * their history. The comments are its specification; `test/broker/broker.contract.ts` checks every
 * implementation against them.
 *
 * A publication is text (JSON made by the publisher), which a broker carries without looking into it. Names
 * are 1 to 255 bytes of any text: a broker escapes what has a meaning to its engine.
 */
import type { Mailboxes } from './mailboxes.js';
import type { BrokerSubscription } from './broker-subscription.js';
import type { Position } from './position.js';
import type { BrokerPresence } from './presence/broker-presence.js';

/** How much of a channel is kept. All three hold at once; the oldest go first. */
export interface HistoryBounds {
  /** Publications kept, at most. */
  readonly size: number;
  /** Bytes of text kept, at most; the newest publication is kept even when it alone has more. */
  readonly bytes: number;
  /** How long a publication is kept, at most, by a clock that never jumps. */
  readonly ageMs: number;
}

export interface BrokerPublication {
  readonly body: string;
  /** Undefined when it was published without history. */
  readonly position: Position | undefined;
}

/** What a history holds after a position. */
export interface Replay {
  /**
   * Whether nothing is missing between the position asked for and the first publication, or `position`
   * when there is none. False for a foreign epoch, for a position that the history no longer reaches back
   * to, and for one that was never given out. Never a partial replay: then `publications` is empty.
   */
  readonly recovered: boolean;
  /** In order, without holes. */
  readonly publications: readonly (BrokerPublication & { readonly position: Position })[];
  /** Of the newest publication, kept or not; offset 0 when there was none. Where to go on from. */
  readonly position: Position;
}

export interface Broker {
  /**
   * Letters between processes. Without them each process has its sessions to itself, and clients have to come
   * back to the one that they left.
   */
  readonly mailboxes?: Mailboxes;

  /**
   * Publishes to everyone who is subscribed, in this process and in others, the publisher included.
   *
   * With `history` the publication is appended in the same atomic step that gives it its offset: offsets of
   * one epoch count from 1 without holes, in the order of delivery. The promise settles when the broker
   * vouches for the publication (what that survives is stated by each broker); it may settle before or after
   * local delivery. A rejected publication may have been delivered all the same, or not.
   *
   * An epoch is random, made with the history, and new whenever the broker can no longer vouch for what it
   * acknowledged under the old one. A history that is not used may be dropped, and its epoch with it.
   *
   * Without `history` nothing is kept, there is no position, and who is not subscribed never hears of it.
   *
   * An `id` (1 to 64 bytes) that a publication in the history was published with is known: nothing is appended
   * and nothing delivered, and the position is that of the earlier one. It means nothing without `history`.
   */
  publish(
    channel: string,
    body: string,
    history: HistoryBounds | undefined,
    id?: string,
  ): Promise<Position | undefined>;

  /**
   * Delivers the channel's publications, each once and in order. `deliver` is never called for two at a
   * time: what is published meanwhile, by `deliver` itself too, follows. What `deliver` throws does not keep
   * others from the publication.
   *
   * `lost` is called, between two publications, when the broker finds out that some up to `position` did not
   * reach this process and are in no history: its engine lost them, or was away for too long. What is delivered
   * next comes after that position. A broker that need not notice, because what follows has a greater offset or
   * another epoch, may leave it out.
   *
   * Every call is a subscription of its own. The broker counts them: it keeps a channel subscribed at its
   * engine while at least one is open here.
   */
  subscribe(
    channel: string,
    deliver: (publication: BrokerPublication) => void,
    lost?: (position: Position) => void,
  ): BrokerSubscription;

  /**
   * The history after a position, or all of it (then always `recovered`). With a subscription that was
   * ready before the call nothing falls in between: what is not in the replay will be, or was, delivered.
   */
  history(channel: string, after: Position | undefined): Promise<Replay>;

  /** Whether the engine can be reached now, as far as is known. Left out: there is none that could be lost. */
  readonly isUp?: boolean;

  /** Who is in which channel. Left out: channels of this broker have no presence. */
  readonly presence?: BrokerPresence;

  /**
   * Ends all subscriptions and lets go of the engine. Publishing rejects from then on, and this process says of
   * nobody any more that he is in a channel.
   */
  close(): Promise<void>;
}
