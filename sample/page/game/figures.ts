import { make } from '../dom.js';
import { type Game } from './game.js';
import { type Texts } from './texts.js';

const KILOBYTE = 1_000;

/** What the game takes, as the server measured it in the last second. */
export class Figures {
  readonly element = make('dl', 'game-figures');
  private readonly values = new Map<string, HTMLElement>();

  constructor(
    private readonly game: Game,
    private readonly text: Texts,
  ) {
    for (const key of ['tick', 'traffic', 'clients', 'ships', 'unanswered'] as const) {
      const value = make('dd', '', '–');
      this.values.set(key, value);
      this.element.append(make('div', '', make('dt', '', text[key]), value));
    }
  }

  show(): void {
    const { load } = this.game;
    if (!load) return;
    const { milliseconds, kilobytes } = this.text;
    this.put('tick', `${load.meanTickMs.toFixed(2)} / ${load.maxTickMs.toFixed(1)} ${milliseconds}`);
    this.put('traffic', `${(load.bytesPerClient / KILOBYTE).toFixed(1)} ${kilobytes}`);
    this.put('clients', String(load.clients));
    this.put('ships', String(load.ships));
    this.put('unanswered', String(this.game.unanswered));
  }

  private put(key: string, value: string): void {
    this.values.get(key)!.textContent = value;
  }
}
