import { beforeEach, describe, expect, it } from '@jest/globals';
import { type ShipState } from '../../../../sample/game/game.protocol.js';
import { TICK_MS } from '../../../../sample/game/simulation/rules.js';
import { Interpolation } from '../../../../sample/page/game/interpolation.js';

const ship = (x: number, heading = 0): ShipState => [1, x, 0, 0, 0, heading, 0, 0];

let shown: Interpolation;

beforeEach(() => {
  shown = new Interpolation();
});

function add(tick: number, state: ShipState, delayMs = 0): void {
  shown.add({ tick, ships: [state], stars: [] }, tick * TICK_MS + delayMs);
}

/** Three ticks later than it was. */
const at = (tick: number) => shown.at((tick + 3) * TICK_MS)[0]!;

describe('Interpolation', () => {
  it('shows ships between their snapshots, also where some are missing', () => {
    add(10, ship(0));
    add(11, ship(100));
    add(15, ship(500));
    expect(at(10.5).x).toBeCloseTo(50);
    expect(at(13).x).toBeCloseTo(300);
  });

  it('turns the shorter way round', () => {
    add(1, ship(0, 62));
    add(2, ship(0, 2));
    expect(at(1.5).heading).toBeCloseTo(64);
  });

  it('stays at what is known when nothing more comes', () => {
    add(1, ship(0));
    add(2, ship(100));
    expect(at(50).x).toBe(100);
  });

  it('is even although snapshots come unevenly', () => {
    for (let tick = 1; tick <= 12; tick++) add(tick, ship(100 * tick), tick % 3);
    const steps = Array.from({ length: 6 }, (_, i) => at(5 + i / 2).x);
    for (const [i, x] of steps.entries()) if (i > 0) expect(x - steps[i - 1]!).toBeCloseTo(50, 5);
  });

  it('begins anew with an arena that counts anew', () => {
    add(500, ship(0));
    shown.add({ tick: 3, ships: [ship(700)], stars: [] }, 501 * TICK_MS);
    expect(shown.at(502 * TICK_MS)[0]!.x).toBe(700);
  });
});
