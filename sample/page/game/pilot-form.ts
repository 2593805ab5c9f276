import { NAME_LENGTH } from '../../game/game.limits.js';
import { make } from '../dom.js';
import { browserStore } from '../storage.js';
import { type Game } from './game.js';
import { type Texts } from './texts.js';

/** Asks for a name and a ship; with a ship, offers to give it back. */
export class PilotForm {
  readonly element = make('div', 'game-pilot');
  private readonly form = make('form', 'game-enter');
  private readonly name = make('input', '');
  private readonly problem = make('p', 'problem');
  private readonly flying = make('div', 'game-flying');
  private readonly score = make('strong', '');

  /** @param entered called when a ship was asked for */
  constructor(
    private readonly game: Game,
    private readonly text: Texts,
    entered: () => void,
  ) {
    this.buildForm(entered);
    const leave = make('button', 'quiet', text.leave);
    leave.type = 'button';
    leave.addEventListener('click', () => game.leave());
    this.flying.append(make('p', '', `${text.score} `, this.score), leave);
    this.element.append(this.form, this.flying);
    this.show();
    game.refused$.subscribe(() => (this.problem.textContent = text.refused));
  }

  show(): void {
    const own = this.game.latest?.ships.find(([id]) => id === this.game.ship);
    this.form.hidden = own !== undefined;
    this.flying.hidden = own === undefined;
    this.score.textContent = String(own?.[6] ?? 0);
  }

  private buildForm(entered: () => void): void {
    this.name.required = true;
    this.name.maxLength = NAME_LENGTH;
    this.name.setAttribute('autocomplete', 'nickname');
    this.name.value = browserStore.read('name')?.slice(0, NAME_LENGTH) ?? '';
    const label = make('label', 'field', this.text.yourName, this.name);
    this.problem.role = 'alert';
    this.form.append(label, make('button', 'button', this.text.play), this.problem);
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.submit(entered);
    });
  }

  private submit(entered: () => void): void {
    const name = this.name.value.trim();
    if (!name) return;
    browserStore.write('name', name);
    this.problem.textContent = '';
    void this.game.play(name);
    entered();
  }
}
