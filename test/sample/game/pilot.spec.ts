import { describe, expect, it } from '@jest/globals';
import { Arena } from '../../../sample/game/arena.js';
import { BOT_COUNT } from '../../../sample/game/game.limits.js';
import { Pilot } from '../../../sample/game/pilot.js';

const pilot = () => new Arena(1).enter('Anna');

function push(to: Pilot, from: number, until: number): void {
  for (let seq = from; seq <= until; seq++) to.push({ seq, heading: seq % 64 });
}

describe('A pilot', () => {
  it('moves the ship by one input a tick, and says which was the last', () => {
    const anna = pilot();
    push(anna, 1, 3);
    expect([anna.take(), anna.take(), anna.seq]).toEqual([[1], [2], 2]);
  });

  it('catches up with inputs that were late, but not for longer than it missed', () => {
    const anna = pilot();
    for (let i = 0; i < 3; i++) expect(anna.take()).toEqual([]);
    push(anna, 1, 10);
    expect(anna.take()).toEqual([1, 2, 3, 4]);
    expect(anna.take()).toEqual([5]);
  });

  it('is not faster by sending more, and leaves out the oldest of too many', () => {
    const anna = pilot();
    push(anna, 1, 40);
    const taken = Array.from({ length: 10 }, () => anna.take());
    expect(taken.map((headings) => headings.length)).toEqual(Array(10).fill(1));
    expect(taken[0]).toEqual([26]);
  });

  it('takes no input twice', () => {
    const anna = pilot();
    push(anna, 1, 2);
    push(anna, 1, 3);
    expect([anna.take(), anna.take(), anna.take(), anna.take()]).toEqual([[1], [2], [3], []]);
  });
});

describe('The arena', () => {
  it('takes off who does nothing for a minute, and nobody else', () => {
    const arena = new Arena(1);
    const [anna, ben] = [arena.enter('Anna'), arena.enter('Ben')];
    const gone: Pilot[] = [];
    for (let seq = 1; seq <= 60 * 30; seq++) {
      ben.push({ seq, heading: -1 });
      gone.push(...arena.step());
    }
    expect(gone).toEqual([anna]);
    expect(arena.roster.pilots).toEqual([{ ship: ben.ship.id, name: 'Ben' }]);
  });

  it('has bots that score, as long as they are switched on', () => {
    const arena = new Arena(1);
    arena.setBots(true);
    for (let i = 0; i < 150; i++) arena.step();
    expect(arena.shipCount).toBe(BOT_COUNT);
    expect(arena.snapshot.ships.reduce((sum, ship) => sum + ship[6], 0)).toBeGreaterThan(BOT_COUNT / 2);
    arena.setBots(false);
    expect(arena.snapshot.ships).toEqual([]);
  });
});
