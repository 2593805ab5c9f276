import { make, showRows } from '../dom.js';
import { type Game } from './game.js';
import { type Texts } from './texts.js';

const SHOWN = 8;

/** The best, and the own ship in any case: what the canvas cannot say to a screen reader. */
export class ScoreBoard {
  readonly element = make('ol', 'game-scores');

  constructor(
    private readonly game: Game,
    private readonly text: Texts,
  ) {
    this.element.ariaLabel = text.scores;
  }

  show(): void {
    const names = new Map(this.game.roster.pilots.map(({ ship, name }) => [ship, name]));
    const ranked = (this.game.latest?.ships ?? []).toSorted((a, b) => b[6] - a[6]);
    const shown = ranked.filter(([id], rank) => rank < SHOWN || id === this.game.ship);
    const rows = shown.map(([id, , , , , , score]) => {
      const name = names.get(id) ?? `${this.text.bot} ${id}`;
      return { key: String(id), version: `${name} ${score}`, build: () => this.build(id, name, score) };
    });
    showRows(this.element, rows);
  }

  private build(id: number, name: string, score: number): HTMLElement {
    const isOwn = id === this.game.ship;
    const who = make('span', 'name', isOwn ? `${name} ${this.text.you}` : name);
    who.dir = 'auto';
    const dot = make('span', `game-dot ${isOwn ? 'own' : `person-${id % 8}`}`);
    return make('li', isOwn ? 'own' : '', dot, who, make('span', 'score', String(score)));
  }
}
