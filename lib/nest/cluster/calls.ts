/** Something for other nodes to do, and what came of it: one node, or all that are up. */
import { Kind, type Letter, MAX_LETTER_BYTES, readJsonBody } from './letter.js';
import { LetterTooLargeError, NodeCallError } from './errors.js';

/** What a node does for others, by name. The arguments are foreign; what it throws is told to the caller. */
export type CallHandler = (args: readonly unknown[]) => unknown;

/** What calls need of their node. */
export interface CallPost {
  readonly handlers: ReadonlyMap<string, CallHandler>;
  /** @returns how many got it; rejects when that can't be known */
  post(to: string, letter: Omit<Letter, 'from'>): Promise<number>;
}

/** What the nodes answered. */
export interface Answers {
  readonly values: readonly unknown[];
  /** Whether all that were called did. */
  readonly isComplete: boolean;
}

/** An answer that is waited for no longer than this. */
const ANSWER_MS = 3_000;
const MAX_ERROR_CHARS = 1_000;
const MAX_ID = 0x1_0000_0000;

class Call {
  readonly values: unknown[] = [];
  private wanted = Number.POSITIVE_INFINITY;
  private isOver = false;

  constructor(private readonly over: (answers: Answers) => void) {}

  /** How many answers there will be is known later than some of them come. */
  expect(count: number): void {
    this.wanted = count;
    this.check();
  }

  add(value: unknown): void {
    if (this.isOver) return;
    this.values.push(value);
    this.check();
  }

  private check(): void {
    if (this.values.length >= this.wanted) this.end();
  }

  end(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.over({ values: this.values, isComplete: this.values.length >= this.wanted });
  }
}

export class Calls {
  private readonly open = new Map<number, Call>();
  private made = 0;

  constructor(private readonly node: CallPost) {}

  /**
   * @param to a mailbox
   * @param others how many have that mailbox and don't answer: this node itself
   * @throws LetterTooLargeError, BrokerUnavailableError (reject)
   */
  async call(to: string, name: string, args: readonly unknown[], others = 0): Promise<Answers> {
    const id = this.made++ % MAX_ID;
    const body = bodyOf({ name, args });
    const answers = new Promise<Answers>((resolve) => this.open.set(id, new Call(resolve)));
    const call = this.open.get(id)!;
    const timer = setTimeout(() => call.end(), ANSWER_MS);
    try {
      call.expect((await this.node.post(to, { kind: Kind.call, id, number: 0, body })) - others);
      return await answers;
    } finally {
      clearTimeout(timer);
      this.open.delete(id);
    }
  }

  receive(letter: Letter): void {
    if (letter.kind === Kind.answer) this.answered(letter);
    else void this.perform(letter);
  }

  private answered(letter: Letter): void {
    const answer = readJsonBody(letter);
    if (answer) this.open.get(letter.id)?.add(answer);
  }

  private async perform(letter: Letter): Promise<void> {
    const { name, args } = readJsonBody(letter) ?? {};
    const handler = typeof name === 'string' ? this.node.handlers.get(name) : undefined;
    if (!handler || !Array.isArray(args)) return;
    const body = await outcomeOf(handler, args);
    // whoever asked waits no longer than it waits
    await this.node.post(letter.from, { kind: Kind.answer, id: letter.id, number: 0, body }).catch(() => 0);
  }
}

/** What can't be told, because it is too large or no JSON, is an error as well. */
async function outcomeOf(handler: CallHandler, args: readonly unknown[]): Promise<Buffer> {
  try {
    return bodyOf({ value: await handler(args) });
  } catch (error) {
    const message = String((error as Error | undefined)?.message);
    return bodyOf({ error: message.slice(0, MAX_ERROR_CHARS) });
  }
}

/** What an answer says. @throws NodeCallError for an error of the other node */
export function valueOf(answer: unknown): unknown {
  const { value, error } = answer as { value?: unknown; error?: unknown };
  if (typeof error === 'string') throw new NodeCallError(error);
  return value;
}

function bodyOf(value: object): Buffer {
  const body = Buffer.from(JSON.stringify(value));
  const limit = MAX_LETTER_BYTES / 2;
  if (body.length > limit) throw new LetterTooLargeError(body.length, limit);
  return body;
}
