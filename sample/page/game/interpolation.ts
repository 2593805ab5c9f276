import { type ShipState, type Snapshot } from '../../game/game.protocol.js';
import { HEADINGS, TICK_MS } from '../../game/simulation/rules.js';

/** What the others do is shown this much later, so that there nearly always is a snapshot after it. */
const DELAY_TICKS = 3;
const KEPT_SNAPSHOTS = 12;
/** Snapshots that are so much later than the ones before were mean that the arena stood still, or is another. */
const RESTART_MS = 600;
/** How fast the estimate follows a connection that has become slower. */
const DRIFT = 0.02;

export interface ShownShip {
  readonly id: number;
  readonly x: number;
  readonly y: number;
  /** A fraction, between two. */
  readonly heading: number;
  readonly score: number;
}

/** Shows ships between the places where snapshots have them, at an even pace. */
export class Interpolation {
  private snapshots: Snapshot[] = [];
  /** When tick 0 would have come. */
  private originMs: number | undefined;

  get latest(): Snapshot | undefined {
    return this.snapshots.at(-1);
  }

  add(snapshot: Snapshot, nowMs: number): void {
    const origin = nowMs - snapshot.tick * TICK_MS;
    const isAnother = snapshot.tick <= (this.latest?.tick ?? -1);
    if (isAnother || this.originMs === undefined || origin - this.originMs > RESTART_MS) this.restart(origin);
    else this.originMs += Math.min(0, origin - this.originMs) || (origin - this.originMs) * DRIFT;
    this.snapshots.push(snapshot);
    if (this.snapshots.length > KEPT_SNAPSHOTS) this.snapshots.shift();
  }

  at(nowMs: number): ShownShip[] {
    const tick = (nowMs - (this.originMs ?? nowMs)) / TICK_MS - DELAY_TICKS;
    const next = this.snapshots.find((snapshot) => snapshot.tick >= tick) ?? this.latest;
    if (!next) return [];
    const before = this.snapshots[this.snapshots.indexOf(next) - 1] ?? next;
    const part = before === next ? 1 : (tick - before.tick) / (next.tick - before.tick);
    return between(before, next, Math.min(Math.max(part, 0), 1));
  }

  private restart(originMs: number): void {
    this.snapshots = [];
    this.originMs = originMs;
  }
}

function between(before: Snapshot, next: Snapshot, part: number): ShownShip[] {
  const earlier = new Map(before.ships.map((ship) => [ship[0], ship]));
  return next.ships.map((ship) => mixed(earlier.get(ship[0]) ?? ship, ship, part));
}

function mixed(from: ShipState, to: ShipState, part: number): ShownShip {
  const turn = ((to[5] - from[5] + 1.5 * HEADINGS) % HEADINGS) - HEADINGS / 2;
  return {
    id: to[0],
    x: from[1] + (to[1] - from[1]) * part,
    y: from[2] + (to[2] - from[2]) * part,
    heading: from[5] + turn * part,
    score: to[6],
  };
}
