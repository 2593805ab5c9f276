/**
 * How a ship moves in one tick: what the server decides by, and what a page predicts by. Nothing but whole
 * numbers comes out, and of the floating-point operations only those whose result IEEE 754 fixes go in.
 */
import { ARENA_RADIUS, HEADINGS, REST, SHIP_RADIUS } from './rules.js';

export interface Body {
  readonly x: number;
  readonly y: number;
  /** Lengths in a tick. */
  readonly vx: number;
  readonly vy: number;
  /** Where the ship points; it keeps this when it rests. */
  readonly heading: number;
}

const PUSH = 10;
/** What is left of a velocity after a tick: with `PUSH` it goes up to 150. */
const GLIDE = 15 / 16;
/** What is left of the velocity towards the rim when a ship bounces off. */
const BOUNCE = 0.5;
const REACH = ARENA_RADIUS - SHIP_RADIUS;

/** By heading, times 1,000 and rounded: no two machines may disagree on a last digit of a sine. */
const DIRECTIONS = Array.from({ length: HEADINGS }, (_, heading) => {
  const angle = (2 * Math.PI * heading) / HEADINGS;
  return { x: Math.round(1_000 * Math.cos(angle)), y: Math.round(1_000 * Math.sin(angle)) };
});

/** @param heading where it pushes to, 0 to 63, or `REST` */
export function moved(body: Body, heading: number): Body {
  const push = heading === REST ? { x: 0, y: 0 } : DIRECTIONS[heading]!;
  const vx = Math.trunc(body.vx * GLIDE + (PUSH * push.x) / 1_000);
  const vy = Math.trunc(body.vy * GLIDE + (PUSH * push.y) / 1_000);
  const next = { x: body.x + vx, y: body.y + vy, vx, vy, heading: heading === REST ? body.heading : heading };
  return keptInside(next);
}

function keptInside(body: Body): Body {
  const distance = Math.sqrt(body.x * body.x + body.y * body.y);
  if (distance <= REACH) return body;
  const [nx, ny] = [body.x / distance, body.y / distance];
  const outward = Math.max(0, body.vx * nx + body.vy * ny) * (1 + BOUNCE);
  return {
    ...body,
    x: Math.trunc(nx * REACH),
    y: Math.trunc(ny * REACH),
    vx: Math.trunc(body.vx - outward * nx),
    vy: Math.trunc(body.vy - outward * ny),
  };
}
