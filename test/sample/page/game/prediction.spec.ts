import { describe, expect, it } from '@jest/globals';
import { Arena } from '../../../../sample/game/arena.js';
import { type ShipState } from '../../../../sample/game/game.protocol.js';
import { Random } from '../../../../sample/game/simulation/random.js';
import { HEADINGS } from '../../../../sample/game/simulation/rules.js';
import { Prediction } from '../../../../sample/page/game/prediction.js';

const bodyOf = ([, x, y, vx, vy, heading]: ShipState) => ({ x, y, vx, vy, heading });

/** A page and a server that hear of each other some ticks late, and at times not at all. */
function fly(ticks: number, seed: number): { prediction: Prediction; server: ShipState; worst: number } {
  const random = new Random(seed);
  const arena = new Arena(seed);
  const pilot = arena.enter('Anna');
  const prediction = new Prediction(pilot.ship.body);
  const underWay: { due: number; seq: number; heading: number }[] = [];
  let worst = 0;
  for (let tick = 1; tick <= ticks; tick++) {
    if (tick < ticks - 20) {
      const input = { seq: tick, heading: random.below(HEADINGS + 1) - 1 };
      prediction.step(input);
      underWay.push({ ...input, due: Math.max(tick + 1 + random.below(4), underWay.at(-1)?.due ?? 0) });
    }
    while (underWay[0] && underWay[0].due <= tick) pilot.push(underWay.shift()!);
    arena.step();
    const before = prediction.now;
    const state = arena.snapshot.ships[0]!;
    if (random.below(4) > 0) prediction.reconcile(bodyOf(state), state[7]);
    worst = Math.max(worst, Math.abs(prediction.now.x - before.x), Math.abs(prediction.now.y - before.y));
  }
  const server = arena.snapshot.ships[0]!;
  prediction.reconcile(bodyOf(server), server[7]);
  return { prediction, server, worst };
}

describe('Prediction', () => {
  it('is never put right, as long as the server gets all inputs: both move by the same rules', () => {
    for (const seed of [1, 2, 3]) {
      const { prediction, server, worst } = fly(600, seed);
      expect(prediction.now).toEqual(bodyOf(server));
      expect(worst).toBe(0);
    }
  });

  it('takes the word of the server, and glides to it instead of jumping', () => {
    const prediction = new Prediction({ x: 0, y: 0, vx: 0, vy: 0, heading: 0 });
    prediction.step({ seq: 1, heading: -1 });
    prediction.reconcile({ x: 1_000, y: 0, vx: 0, vy: 0, heading: 0 }, 1);
    expect(prediction.now.x).toBe(1_000);
    expect(prediction.at(1).x).toBe(0);
    const shown = Array.from({ length: 30 }, (_, i) => {
      prediction.step({ seq: i + 2, heading: -1 });
      return prediction.at(1).x;
    });
    expect(shown).toEqual(shown.toSorted((a, b) => a - b));
    expect(shown.at(-1)).toBeGreaterThan(990);
  });

  it('waits when a second of inputs is unanswered', () => {
    const prediction = new Prediction({ x: 0, y: 0, vx: 0, vy: 0, heading: 0 });
    for (let seq = 1; seq <= 30; seq++) prediction.step({ seq, heading: 0 });
    expect(prediction.isStalled).toBe(true);
    prediction.reconcile(prediction.now, 5);
    expect(prediction.isStalled).toBe(false);
  });
});
