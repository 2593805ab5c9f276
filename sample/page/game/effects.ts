import { type StarState } from '../../game/game.protocol.js';

const TRAIL_LENGTH = 14;
const FLASH_MS = 450;

interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Flash extends Point {
  /** 0 at its beginning, 1 at its end. */
  readonly age: number;
}

/** What is seen for a moment: where ships have been, and where a star was caught. */
export class Effects {
  private readonly trails = new Map<number, Point[]>();
  private stars = new Map<number, StarState>();
  private flashing: (Point & { since: number })[] = [];

  /** Where the ship has been, the newest last. */
  trail({ id, x, y }: Point & { id: number }): readonly Point[] {
    const trail = this.trails.get(id) ?? [];
    this.trails.set(id, trail);
    trail.push({ x, y });
    if (trail.length > TRAIL_LENGTH) trail.shift();
    return trail;
  }

  forgetAllBut(ids: ReadonlySet<number>): void {
    for (const id of this.trails.keys()) if (!ids.has(id)) this.trails.delete(id);
  }

  flashes(stars: readonly StarState[], nowMs: number): Flash[] {
    const now = new Map(stars.map((star) => [star[0], star]));
    for (const [id, [, x, y]] of this.stars) if (!now.has(id)) this.flashing.push({ x, y, since: nowMs });
    this.stars = now;
    this.flashing = this.flashing.filter(({ since }) => nowMs - since < FLASH_MS);
    return this.flashing.map(({ x, y, since }) => ({ x, y, age: (nowMs - since) / FLASH_MS }));
  }
}
