import { defineProtocol } from 'nestwire/protocol';
import { z } from 'zod';
import { NAME_LENGTH } from './game.limits.js';
import { HEADINGS, REST } from './simulation/rules.js';

/** One line without control characters and without marks that turn the reading direction of what follows. */
const PilotName = z
  .string()
  .trim()
  .min(1)
  .max(NAME_LENGTH)
  .regex(/^[^\p{Cc}\p{Bidi_Control}]+$/u);

export const Play = z.object({ name: PilotName });
export type Play = z.infer<typeof Play>;

export const Playing = z.object({ ship: z.number() });
export type Playing = z.infer<typeof Playing>;

/** What a pilot did in one tick: `seq` goes up by one with each. */
export const Input = z.object({
  seq: z.int().min(1),
  heading: z
    .int()
    .min(REST)
    .max(HEADINGS - 1),
});
export type Input = z.infer<typeof Input>;

/** Whether anybody sees the page. */
export const Look = z.object({ on: z.boolean() });
export type Look = z.infer<typeof Look>;

export const BotSwitch = z.object({ on: z.boolean() });
export type BotSwitch = z.infer<typeof BotSwitch>;

/** id, x, y, vx, vy, heading, score, and the last input that is in all this. Lists, since 30 go out a second. */
export const ShipState = z.tuple([
  z.number(),
  z.number(),
  z.number(),
  z.number(),
  z.number(),
  z.number(),
  z.number(),
  z.number(),
]);
export type ShipState = z.infer<typeof ShipState>;

/** id, x, y, value. */
export const StarState = z.tuple([z.number(), z.number(), z.number(), z.number()]);
export type StarState = z.infer<typeof StarState>;

/** All there is to draw, so that whoever misses one needs nothing but the next. */
export const Snapshot = z.object({ tick: z.number(), ships: z.array(ShipState), stars: z.array(StarState) });
export type Snapshot = z.infer<typeof Snapshot>;

/** The names, by ship. Ships without one are bots. */
export const Roster = z.object({
  pilots: z.array(z.object({ ship: z.number(), name: z.string() })),
  bots: z.boolean(),
});
export type Roster = z.infer<typeof Roster>;

/** What the last second took. */
export const Load = z.object({
  meanTickMs: z.number(),
  maxTickMs: z.number(),
  /** Written to the sockets of the clients, divided by their number. */
  bytesPerClient: z.number(),
  clients: z.number(),
  ships: z.number(),
});
export type Load = z.infer<typeof Load>;

export const GameProtocol = defineProtocol('game.v1', {
  client: {
    /** Asks for a ship; who has one keeps it. */
    play: { payload: Play, reply: Playing },
    leave: { reply: z.null() },
    look: { payload: Look, reply: z.null() },
    input: { payload: Input },
    bots: { payload: BotSwitch, reply: z.null() },
  },
  server: { snapshot: Snapshot, roster: Roster, load: Load },
});
