/**
 * Heartbeat: a ping to every connection once an interval, and an end to those from which no byte came, and
 * to which none went, within the time-out after it (DESIGN: the policy; RFC 6455 §5.5.2: the frames).
 *
 * Theory of operation. One timer turns a wheel for all connections with the same times; a connection lies
 * in the slot of its next check. New ones are spread over the wheel at random, so that ten
 * thousand clients that came back at once are not pinged at once. A connection found silent gets one turn
 * more: if this process was busy or asleep, what the peer sent meanwhile has then been read.
 */
import { TimerWheel, type WheelMember } from './timer-wheel.js';

/** A connection, as the heartbeat sees it. */
export interface Beating {
  /** Kept by the heartbeat. */
  beat: Beat | undefined;
  /** Any number that changes with every byte received, or taken by the kernel. */
  readonly traffic: number;
  /** While we are not, silence says nothing. */
  readonly isReading: boolean;
  ping(): void;
  /** Gives the peer up. */
  terminate(): void;
}

export interface HeartbeatTimes {
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

const TURNS_PER_TIMEOUT = 4;
const MAX_SLOTS = 1024;
const rhythms = new Map<string, Rhythm>();

/** Takes a connection into the wheel of its times. */
export function startBeating(connection: Beating, times: HeartbeatTimes): void {
  const key = `${times.intervalMs}/${times.timeoutMs}`;
  let rhythm = rhythms.get(key);
  if (rhythm === undefined) rhythms.set(key, (rhythm = new Rhythm(times)));
  connection.beat = new Beat(connection, rhythm);
  rhythm.wheel.add(connection.beat, 1 + Math.floor(Math.random() * rhythm.intervalTurns));
}

export function stopBeating(connection: Beating): void {
  connection.beat?.stop();
  connection.beat = undefined;
}

/** Times, in turns of the wheel that all connections with these times share. */
class Rhythm {
  readonly wheel: TimerWheel;
  readonly intervalTurns: number;
  readonly timeoutTurns: number;

  constructor({ intervalMs, timeoutMs }: HeartbeatTimes) {
    const finest = Math.min(1_000, timeoutMs / TURNS_PER_TIMEOUT, intervalMs);
    const turnMs = Math.max(1, finest, Math.max(intervalMs, timeoutMs) / MAX_SLOTS);
    this.intervalTurns = Math.max(1, Math.round(intervalMs / turnMs));
    this.timeoutTurns = Math.max(1, Math.ceil(timeoutMs / turnMs));
    this.wheel = new TimerWheel(turnMs, Math.max(this.intervalTurns, this.timeoutTurns));
  }
}

/** A connection's place in the wheel. */
export class Beat implements WheelMember {
  slot: Set<WheelMember> | undefined;
  /** Traffic when the ping was sent; undefined while none is awaited. */
  private awaited: number | undefined;
  private suspected = false;

  constructor(
    private readonly connection: Beating,
    private readonly rhythm: Rhythm,
  ) {}

  stop(): void {
    this.rhythm.wheel.remove(this);
  }

  due(): number {
    const { connection, awaited } = this;
    if (awaited === undefined) return this.sendPing();
    if (connection.traffic !== awaited || !connection.isReading) return this.rest();
    if (!this.suspected) return this.suspect();
    connection.terminate();
    return 0;
  }

  private sendPing(): number {
    this.connection.ping();
    this.awaited = this.connection.traffic;
    return this.rhythm.timeoutTurns;
  }

  private suspect(): number {
    this.suspected = true;
    return 1;
  }

  private rest(): number {
    this.awaited = undefined;
    this.suspected = false;
    return Math.max(1, this.rhythm.intervalTurns - this.rhythm.timeoutTurns);
  }
}
