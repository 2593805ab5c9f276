import { type StarState } from '../../game/game.protocol.js';
import { ARENA_RADIUS, HEADINGS, SHIP_RADIUS, STAR_RADIUS } from '../../game/simulation/rules.js';
import { Effects, type Flash } from './effects.js';
import { type ShownShip } from './interpolation.js';
import { Palette } from './palette.js';

export interface Picture {
  readonly ships: readonly ShownShip[];
  readonly stars: readonly StarState[];
  /** The own ship. */
  readonly own: number | undefined;
  readonly names: ReadonlyMap<number, string>;
}

const MARGIN_PX = 10;
const THEME_CHECK_MS = 500;
const STAR_POINTS = 5;
const MIN_SHIP_PX = 7;

/** Draws the arena as large as the canvas allows. */
export class Painter {
  private readonly context: CanvasRenderingContext2D;
  private readonly palette: Palette;
  private readonly effects = new Effects();
  private readonly isCalm = matchMedia('(prefers-reduced-motion: reduce)');
  private scale = 1;
  private centre = 0;
  private paletteReadAt = 0;

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.context = canvas.getContext('2d')!;
    this.palette = new Palette(canvas.parentElement!);
  }

  /** In CSS pixels of the canvas. */
  placeOf({ x, y }: { x: number; y: number }): { x: number; y: number } {
    return { x: this.centre + x * this.scale, y: this.centre + y * this.scale };
  }

  paint(picture: Picture, nowMs: number): void {
    this.fit(nowMs);
    this.drawArena();
    for (const star of picture.stars) this.drawStar(star);
    const flashes = this.effects.flashes(picture.stars, nowMs);
    if (!this.isCalm.matches) for (const flash of flashes) this.drawFlash(flash);
    for (const ship of picture.ships) this.drawShip(ship, picture);
    for (const ship of picture.ships) this.drawName(ship, picture);
    this.effects.forgetAllBut(new Set(picture.ships.map((ship) => ship.id)));
  }

  private fit(nowMs: number): void {
    const size = this.canvas.clientWidth;
    const pixels = Math.round(size * devicePixelRatio);
    if (this.canvas.width !== pixels) this.canvas.width = this.canvas.height = pixels;
    this.centre = size / 2;
    this.scale = (this.centre - MARGIN_PX) / ARENA_RADIUS;
    this.context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    this.context.clearRect(0, 0, size, size);
    if (nowMs - this.paletteReadAt < THEME_CHECK_MS) return;
    this.paletteReadAt = nowMs;
    this.palette.read();
  }

  private drawArena(): void {
    const { context, centre } = this;
    const radius = ARENA_RADIUS * this.scale;
    const ground = context.createRadialGradient(centre, centre, 0, centre, centre, radius);
    ground.addColorStop(0, this.palette.of('surface'));
    ground.addColorStop(1, this.palette.of('canvas'));
    this.circle(centre, centre, radius);
    context.fillStyle = ground;
    context.fill();
    context.strokeStyle = this.palette.of('line');
    for (const part of [1, 0.66, 0.33]) {
      context.lineWidth = part === 1 ? 3 : 1;
      this.circle(centre, centre, radius * part);
      context.stroke();
    }
  }

  private drawStar([, x, y, value]: StarState): void {
    const place = this.placeOf({ x, y });
    const radius = Math.max(4, STAR_RADIUS * this.scale) * (value > 1 ? 1.5 : 1);
    const { context } = this;
    context.fillStyle = this.palette.of('star');
    if (value > 1) {
      context.globalAlpha = 0.2;
      this.circle(place.x, place.y, radius * 1.7);
      context.fill();
      context.globalAlpha = 1;
    }
    context.beginPath();
    for (let i = 0; i < 2 * STAR_POINTS; i++) {
      const angle = (Math.PI * i) / STAR_POINTS - Math.PI / 2;
      const reach = i % 2 === 0 ? radius : radius * 0.48;
      context.lineTo(place.x + Math.cos(angle) * reach, place.y + Math.sin(angle) * reach);
    }
    context.closePath();
    context.fill();
  }

  private drawFlash({ x, y, age }: Flash): void {
    const place = this.placeOf({ x, y });
    const { context } = this;
    context.globalAlpha = 1 - age;
    context.strokeStyle = this.palette.of('star');
    context.lineWidth = 2;
    this.circle(place.x, place.y, (0.4 + 2 * age) * SHIP_RADIUS * this.scale);
    context.stroke();
    context.globalAlpha = 1;
  }

  private drawShip(ship: ShownShip, { own, names }: Picture): void {
    const colour = ship.id === own ? this.palette.of('accent') : this.palette.ofShip(ship.id);
    if (!this.isCalm.matches) this.drawTrail(ship, colour);
    const { x, y } = this.placeOf(ship);
    const radius = Math.max(MIN_SHIP_PX, SHIP_RADIUS * this.scale);
    const { context } = this;
    context.globalAlpha = names.has(ship.id) ? 1 : 0.72;
    context.save();
    context.translate(x, y);
    context.rotate((2 * Math.PI * ship.heading) / HEADINGS);
    this.hull(radius, colour);
    context.restore();
    context.globalAlpha = 1;
    if (ship.id === own) this.ring(x, y, radius * 1.7, colour);
  }

  private hull(radius: number, colour: string): void {
    const { context } = this;
    context.beginPath();
    context.moveTo(radius * 1.1, 0);
    context.lineTo(-radius * 0.8, radius * 0.75);
    context.lineTo(-radius * 0.4, 0);
    context.lineTo(-radius * 0.8, -radius * 0.75);
    context.closePath();
    context.lineJoin = 'round';
    context.lineWidth = radius * 0.35;
    context.fillStyle = context.strokeStyle = colour;
    context.stroke();
    context.fill();
  }

  private ring(x: number, y: number, radius: number, colour: string): void {
    this.context.lineWidth = 1.5;
    this.context.strokeStyle = colour;
    this.circle(x, y, radius);
    this.context.stroke();
  }

  private drawTrail(ship: ShownShip, colour: string): void {
    const { context } = this;
    context.globalAlpha = 0.22;
    context.lineWidth = Math.max(2, SHIP_RADIUS * this.scale * 0.55);
    context.lineCap = context.lineJoin = 'round';
    context.strokeStyle = colour;
    context.beginPath();
    for (const point of this.effects.trail(ship)) {
      const { x, y } = this.placeOf(point);
      context.lineTo(x, y);
    }
    context.stroke();
    context.globalAlpha = 1;
  }

  private drawName(ship: ShownShip, { own, names }: Picture): void {
    const name = names.get(ship.id);
    if (name === undefined) return;
    const { x, y } = this.placeOf(ship);
    const above = Math.max(MIN_SHIP_PX, SHIP_RADIUS * this.scale) * 2 + 4;
    const { context } = this;
    context.font = `600 12px ${getComputedStyle(this.canvas).fontFamily}`;
    context.textAlign = 'center';
    context.fillStyle = this.palette.of(ship.id === own ? 'text' : 'muted');
    context.fillText(name, x, y - above < 14 ? y + above + 8 : y - above);
  }

  private circle(x: number, y: number, radius: number): void {
    this.context.beginPath();
    this.context.arc(x, y, radius, 0, 2 * Math.PI);
  }
}
