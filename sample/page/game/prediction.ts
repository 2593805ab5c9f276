import { type Body, moved } from '../../game/simulation/motion.js';

interface SentInput {
  readonly seq: number;
  readonly heading: number;
}

/** Inputs without an answer, after which the ship waits for the server: a second of them. */
const MAX_UNANSWERED = 30;
/** What is left of a correction with each tick, so that it is not seen as a jump. */
const FADE = 0.8;

/**
 * Where the own ship is before the server has said so. Every input moves it at once, by the server's own rules;
 * what the server then says, plus the inputs that it did not know yet, is the truth.
 */
export class Prediction {
  private unanswered: SentInput[] = [];
  private before: Body;
  private correction = { x: 0, y: 0 };

  constructor(private body: Body) {
    this.before = body;
  }

  get isStalled(): boolean {
    return this.unanswered.length >= MAX_UNANSWERED;
  }

  get unansweredCount(): number {
    return this.unanswered.length;
  }

  get now(): Body {
    return this.body;
  }

  step(input: SentInput): void {
    this.unanswered.push(input);
    this.before = this.body;
    this.body = moved(this.body, input.heading);
    this.correction = { x: this.correction.x * FADE, y: this.correction.y * FADE };
  }

  /**
   * @param body what the server says
   * @param seq the last input that is in it
   */
  reconcile(body: Body, seq: number): void {
    this.unanswered = this.unanswered.filter((input) => input.seq > seq);
    const seen = this.body;
    this.before = this.body = body;
    for (const { heading } of this.unanswered) {
      this.before = this.body;
      this.body = moved(this.body, heading);
    }
    this.correction.x += seen.x - this.body.x;
    this.correction.y += seen.y - this.body.y;
  }

  /** @param part how much of the tick that runs has passed, 0 to 1 */
  at(part: number): Body {
    const { body, before, correction } = this;
    const x = before.x + (body.x - before.x) * part + correction.x;
    const y = before.y + (body.y - before.y) * part + correction.y;
    return { ...body, x, y };
  }
}
