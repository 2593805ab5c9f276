/**
 * Heartbeat: a ping to every connection once an interval, and an end to those from which no byte came, and
 * to which none went, within the time-out after it (DESIGN: the policy; RFC 6455 §5.5.2: the frames).
 *
 * Theory of operation. One timer turns a wheel of slots for all connections with the same times; a
 * connection lies in the slot of its next check. New ones are spread over the wheel at random, so that ten
 * thousand clients that came back at once are not pinged at once. A connection found silent gets one turn
 * more: if this process was busy or asleep, what the peer sent meanwhile has then been read.
 */

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

/** A connection's place in the wheel. */
export interface Beat {
  readonly connection: Beating;
  readonly wheel: Wheel;
  slot: Set<Beat>;
  /** Traffic when the ping was sent; undefined while none is awaited. */
  awaited: number | undefined;
  suspected: boolean;
}

const TURNS_PER_TIMEOUT = 4;
const MAX_SLOTS = 1024;
const wheels = new Map<string, Wheel>();

/** Takes a connection into the wheel of its times. */
export function startBeating(connection: Beating, times: HeartbeatTimes): void {
  const key = `${times.intervalMs}/${times.timeoutMs}`;
  let wheel = wheels.get(key);
  if (wheel === undefined) wheels.set(key, (wheel = new Wheel(times)));
  connection.beat = wheel.add(connection);
}

export function stopBeating(connection: Beating): void {
  connection.beat?.wheel.remove(connection.beat);
  connection.beat = undefined;
}

class Wheel {
  private readonly turnMs: number;
  private readonly slots: Set<Beat>[];
  private readonly intervalTurns: number;
  private readonly timeoutTurns: number;
  private now = 0;
  private size = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor({ intervalMs, timeoutMs }: HeartbeatTimes) {
    const finest = Math.min(1_000, timeoutMs / TURNS_PER_TIMEOUT, intervalMs);
    this.turnMs = Math.max(1, finest, Math.max(intervalMs, timeoutMs) / MAX_SLOTS);
    this.intervalTurns = Math.max(1, Math.round(intervalMs / this.turnMs));
    this.timeoutTurns = Math.max(1, Math.ceil(timeoutMs / this.turnMs));
    const turns = Math.max(this.intervalTurns, this.timeoutTurns) + 1;
    this.slots = Array.from({ length: turns }, () => new Set<Beat>());
  }

  add(connection: Beating): Beat {
    const slot = this.slotIn(1 + Math.floor(Math.random() * this.intervalTurns));
    const member: Beat = { connection, wheel: this, slot, awaited: undefined, suspected: false };
    slot.add(member);
    if (++this.size === 1) this.start();
    return member;
  }

  remove(member: Beat): void {
    if (!member.slot.delete(member)) return;
    if (--this.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private start(): void {
    this.timer = setInterval(() => this.turn(), this.turnMs);
    // Waiting for silence must not keep a process alive
    this.timer.unref();
  }

  private slotIn(turns: number): Set<Beat> {
    return this.slots[(this.now + turns) % this.slots.length]!;
  }

  private turn(): void {
    this.now++;
    const due = this.slotIn(0);
    // One may end while another is checked
    for (const member of [...due]) if (due.has(member)) this.check(member);
  }

  private check(member: Beat): void {
    const { connection, awaited } = member;
    if (awaited === undefined) return this.sendPing(member);
    if (connection.traffic !== awaited || !connection.isReading) return this.rest(member);
    if (member.suspected) return connection.terminate();
    member.suspected = true;
    this.move(member, 1);
  }

  private sendPing(member: Beat): void {
    member.connection.ping();
    member.awaited = member.connection.traffic;
    this.move(member, this.timeoutTurns);
  }

  private rest(member: Beat): void {
    member.awaited = undefined;
    member.suspected = false;
    this.move(member, Math.max(1, this.intervalTurns - this.timeoutTurns));
  }

  private move(member: Beat, turns: number): void {
    if (!member.slot.delete(member)) return;
    member.slot = this.slotIn(turns);
    member.slot.add(member);
  }
}
