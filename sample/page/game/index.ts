import './game.css';
import { connect } from 'nestwire/client';
import { GameProtocol } from '../../game/game.protocol.js';
import { showConnection } from '../connection-badge.js';
import { make } from '../dom.js';
import { chooseText } from '../language.js';
import { type Scene } from '../scene.js';
import { Controls } from './controls.js';
import { Figures } from './figures.js';
import { Game } from './game.js';
import { Painter } from './painter.js';
import { PilotForm } from './pilot-form.js';
import { sightFrom } from './radar.js';
import { ScoreBoard } from './score-board.js';
import { type Texts, texts } from './texts.js';

/** Texts need not change with every picture. */
const TEXT_EVERY_MS = 250;

export const scene: Scene = {
  mount(root, context) {
    const { language, signal } = context;
    const client = connect('/game', { protocol: GameProtocol });
    signal.addEventListener('abort', () => client.close());
    const game = new Game(client);
    const badge = make('p', 'status');
    badge.role = 'status';
    showConnection(badge, client, context);
    const view = new GameView(game, chooseText<Texts>(texts, language), badge);
    root.append(view.element);
    if (document.hidden) game.look(false);
    document.addEventListener('visibilitychange', () => game.look(!document.hidden), { signal });
    view.run(signal);
  },
};

class GameView {
  readonly element: HTMLElement;
  private readonly canvas = make('canvas', 'game-canvas');
  private readonly radar = make('p', 'game-radar');
  private readonly bots = make('input', '');
  private readonly parts: readonly { readonly element: HTMLElement; show(): void }[];
  private painter!: Painter;
  private shownAtMs = 0;

  constructor(
    private readonly game: Game,
    private readonly text: Texts,
    badge: HTMLElement,
  ) {
    const pilot = new PilotForm(game, text, () => this.canvas.focus());
    const scores = new ScoreBoard(game, text);
    const figures = new Figures(game, text);
    this.parts = [pilot, scores, figures];
    this.prepareCanvas();
    const stage = make('div', 'game-stage', make('div', 'game-bar', this.radar, badge), this.canvas);
    const side = make(
      'div',
      'game-side',
      make('div', 'card', pilot.element, make('p', 'game-hint', text.how)),
      card(text.scores, scores.element),
      card(text.figures, this.botSwitch(), figures.element),
    );
    this.element = make('div', 'game', stage, side);
  }

  /** Draws until the scene is left. A page that nobody sees gets no frames, and so its ship rests. */
  run(signal: AbortSignal): void {
    this.painter = new Painter(this.canvas);
    const controls = new Controls(this.canvas);
    const frame = (nowMs: number) => {
      if (signal.aborted) return;
      this.frame(nowMs, controls);
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  private frame(nowMs: number, controls: Controls): void {
    const { game, painter } = this;
    game.advance(nowMs, () => controls.heading(painter.placeOf(game.ownBody ?? { x: 0, y: 0 })));
    const names = new Map(game.roster.pilots.map(({ ship, name }) => [ship, name]));
    const stars = game.latest?.stars ?? [];
    painter.paint({ ships: game.shipsAt(nowMs), stars, own: game.ship, names }, nowMs);
    if (nowMs - this.shownAtMs < TEXT_EVERY_MS) return;
    this.shownAtMs = nowMs;
    this.showTexts();
  }

  private showTexts(): void {
    for (const part of this.parts) part.show();
    this.bots.checked = this.game.roster.bots;
    this.radar.textContent = this.sight();
  }

  private sight(): string {
    const { text, game } = this;
    const sighting = game.ownBody && sightFrom(game.ownBody, game.latest?.stars ?? []);
    if (!sighting) return text.watching;
    return text.sight(text.directions[sighting.direction]!, sighting.distance);
  }

  private prepareCanvas(): void {
    this.radar.id = 'game-radar';
    this.canvas.tabIndex = 0;
    this.canvas.role = 'application';
    this.canvas.ariaLabel = this.text.arena;
    this.canvas.setAttribute('aria-describedby', this.radar.id);
  }

  private botSwitch(): HTMLElement {
    this.bots.type = 'checkbox';
    this.bots.role = 'switch';
    this.bots.addEventListener('change', () => this.game.setBots(this.bots.checked));
    return make('label', 'game-bots', this.bots, make('span', '', this.text.bots));
  }
}

function card(title: string, ...content: HTMLElement[]): HTMLElement {
  return make('section', 'card', make('h2', '', title), ...content);
}
