import { headingTowards } from '../../game/simulation/aim.js';
import { REST } from '../../game/simulation/rules.js';

const KEYS: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowRight: [1, 0],
  ArrowDown: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowUp: [0, -1],
  KeyD: [1, 0],
  KeyS: [0, 1],
  KeyA: [-1, 0],
  KeyW: [0, -1],
};

/** A finger that is so near to the ship, in pixels, does not push it. */
const NEAR_PX = 10;

/** Arrow keys, WASD where they are on the keyboard, or a finger or mouse that the ship flies to. */
export class Controls {
  private readonly pressed = new Set<string>();
  private pointer: { x: number; y: number } | undefined;

  constructor(private readonly canvas: HTMLCanvasElement) {
    canvas.addEventListener('keydown', (event) => this.press(event));
    canvas.addEventListener('keyup', (event) => this.pressed.delete(event.code));
    canvas.addEventListener('blur', () => this.pressed.clear());
    canvas.addEventListener('pointerdown', (event) => this.touch(event));
    canvas.addEventListener('pointermove', (event) => this.pointer && this.follow(event));
    for (const end of ['pointerup', 'pointercancel'] as const) {
      canvas.addEventListener(end, () => (this.pointer = undefined));
    }
  }

  /** @param ship where the own ship is on the canvas, in CSS pixels */
  heading(ship: { x: number; y: number }): number {
    if (this.pointer) return towards(this.pointer.x - ship.x, this.pointer.y - ship.y, NEAR_PX);
    let [x, y] = [0, 0];
    for (const code of this.pressed) {
      const [dx, dy] = KEYS[code]!;
      x += dx;
      y += dy;
    }
    return towards(x, y, 0);
  }

  private press(event: KeyboardEvent): void {
    if (!(event.code in KEYS) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.pressed.add(event.code);
  }

  private touch(event: PointerEvent): void {
    this.canvas.setPointerCapture(event.pointerId);
    this.follow(event);
  }

  private follow(event: PointerEvent): void {
    this.pointer = { x: event.offsetX, y: event.offsetY };
  }
}

function towards(x: number, y: number, least: number): number {
  return Math.hypot(x, y) <= least ? REST : headingTowards(x, y);
}
