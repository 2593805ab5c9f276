/**
 * The idle time-out: the end of connections that carry no messages. Pings and pongs don't count, nor does a
 * message that is not complete, however slowly it comes.
 *
 * Theory of operation. Nothing is noted of a message but that there was one more. A connection is looked at
 * four times in its time-out; four looks in a row without another message, and it is idle. So it ends at the
 * latest a quarter of the time-out late, for no clock and no timer on the way of a message. All connections
 * with the same time-out share a wheel.
 */
import { TimerWheel, type WheelMember } from './timer-wheel.js';

/** A connection, as this sees it. */
export interface Idling {
  /** Kept by the watch. */
  idleWatch: IdleWatch | undefined;
  /** Any number that changes with every message received or sent. */
  readonly messages: number;
  /** While we are not, silence says nothing. */
  readonly isReading: boolean;
  /** There was no message for that long. */
  idle(): void;
}

/** Reason of the close frame. */
export const idleReason = (timeoutMs: number): string => `no message for ${timeoutMs} ms`;

const LOOKS = 4;
const FINEST_MS = 1_000;
const MAX_TURNS = 256;
const rhythms = new Map<number, Rhythm>();

interface Rhythm {
  readonly wheel: TimerWheel;
  readonly turns: number;
}

/** @param timeoutMs `Infinity`: never */
export function startIdling(connection: Idling, timeoutMs: number): void {
  if (timeoutMs === Infinity) return;
  let rhythm = rhythms.get(timeoutMs);
  if (rhythm === undefined) rhythms.set(timeoutMs, (rhythm = rhythmOf(timeoutMs)));
  connection.idleWatch = new IdleWatch(connection, rhythm);
  rhythm.wheel.add(connection.idleWatch, rhythm.turns);
}

export function stopIdling(connection: Idling): void {
  connection.idleWatch?.stop();
  connection.idleWatch = undefined;
}

/** Turns of about a second, so that not all connections are looked at in one. */
function rhythmOf(timeoutMs: number): Rhythm {
  const lookMs = Math.max(1, timeoutMs / LOOKS);
  const turns = Math.min(MAX_TURNS, Math.ceil(lookMs / FINEST_MS));
  return { wheel: new TimerWheel(Math.ceil(lookMs / turns), turns), turns };
}

export class IdleWatch implements WheelMember {
  slot: Set<WheelMember> | undefined;
  private seen: number;
  private quietLooks = 0;

  constructor(
    private readonly connection: Idling,
    private readonly rhythm: Rhythm,
  ) {
    this.seen = connection.messages;
  }

  stop(): void {
    this.rhythm.wheel.remove(this);
  }

  due(): number {
    const { messages, isReading } = this.connection;
    this.quietLooks = messages === this.seen && isReading ? this.quietLooks + 1 : 0;
    this.seen = messages;
    if (this.quietLooks < LOOKS) return this.rhythm.turns;
    this.connection.idle();
    return 0;
  }
}
